"""The end of a listener: no new connections, and none lost of those that are there.

To close a listener is to reset whatever waits in its queue, and between looking whether the queue is empty and closing
there is always time for one more. So the kernel is told first to let nobody join it.
"""

import ctypes
import socket
import struct
import sys
from contextlib import suppress

# Of <asm-generic/socket.h>; Python does not name it.
_SO_ATTACH_FILTER = 26

# The offset of the flags in a TCP header, and the one that begins a connection (RFC 9293 section 3.1).
_FLAGS, _SYN = 13, 0x02

# Classic BPF, as <linux/filter.h> has it: operation, jump if true, jump if false, operand.
_DROP_NEW_CONNECTIONS = (
    (0x30, 0, 0, _FLAGS),  # Load the byte there.
    (0x45, 0, 1, _SYN),  # Any of these bits?
    (0x06, 0, 0, 0),  # Then keep nothing of the packet.
    (0x06, 0, 0, 0xFFFFFFFF),  # Else keep all.
)


def take_no_more(listener: socket.socket) -> None:
    """Lets nobody join the queue of *listener*. Who tries is ignored, asks again and finds the listener gone.

    Handshakes that have begun end well. Does nothing where the system has no such filters: it is Linux that has them,
    and a sandbox may leave them out.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in _DROP_NEW_CONNECTIONS)
    instructions = ctypes.create_string_buffer(program, len(program))
    filter_program = struct.pack("@HP", len(_DROP_NEW_CONNECTIONS), ctypes.addressof(instructions))
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_program)
