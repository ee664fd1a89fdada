"""The program `grantway`: a whole Grantway for development, and administration from a terminal.

| command | module |
|---|---|
| `dev` | `dev` |
| `clients create`, `list`, `show`, `update` | `clients` |
| `clients disable`, `enable`, `delete`, `revoke-tokens`, `panic` | `client_access` |
| `clients rotate` | `rotation` |
| `clients import` | `client_import` |
| `clients export` | `client_export` |
| `secrets` | `client_secrets` |
| `token` | `tokens` |
| `audit` | `audit` |
| `leaked` | `leaked` |

`app` puts them together; all other modules are parts of some of them.

Only the entry point is imported here, and it imports the rest when it runs: the base install brings no
command line library, and the tests use single modules of this package.
"""

from grantway.cli.entry import main

__all__ = ["main"]
