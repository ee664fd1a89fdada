"""Measures what a token costs: this project, its floors and its peers, side by side. Run as `python -m bench`.

A *system* is one way to get or check a token: some processes (a *stage*) and a *load* that is put on them. Everything
that a stage runs, the store included, is pinned to one core and the load to another, so that the CPU time that the
kernel accounts to those processes is the price of the tokens that came out.

- what runs: `systems` and `loads`; `stages` is what they run on; `floors` and `peers` are programs
- `running`: what is started and measured, in which order; `measuring`: one measurement
- `judging`: what the measurements say, and whether it is what was promised; `showing`: tables, documents, a plot
- `growth`: the same beside ever more tokens, clients and requests
- `results`: what is kept of a run; `compare`: whether two agree; `figures`: arithmetic; `options`: of the command line
"""
