"""One run at a time in a folder."""

import fcntl

from contract.config import ContractError


def hold(folder):
    """Hold a folder for this process; the hold ends with the process, however it ends.

    Snakemake's own lock outlives a killed process and then refuses the next run.

    Raises
    ------
    ContractError
        If another process holds it, or nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = open(folder / ".lock", "w")  # noqa: SIM115 - open as long as the process lives
    except OSError as error:
        raise ContractError(f"{folder}: cannot be written to ({error.strerror})") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ContractError(f"{folder}: another snakemake is at work here") from None
    except OSError as error:
        raise ContractError(f"{folder}: its disk cannot lock files ({error})") from None
    return handle
