"""Which command is lawful while the device is doing what, as one table.

Rule 1: the device refuses what is not in the table (NAK 05), and a refusal changes nothing.
Rule 2: questions, stopping and supervision are lawful always: whoever wants the current off must never be refused.

The virtual device obeys this table, and PROTOCOL.md prints it.
"""

from collections.abc import Mapping

from instruments.controller.messages import (
    Acknowledge,
    AskAlarm,
    AskLamps,
    AskTreatment,
    Calendar,
    Command,
    Confirm,
    Display,
    Dose,
    EmergencyStop,
    Identify,
    Log,
    Pause,
    Provoke,
    Resume,
    SelfTest,
    SetClock,
    SetLevel,
    Start,
    Status,
    Stop,
    Supervise,
    Treat,
    Treatments,
)
from instruments.roles import DeviceState

ALWAYS: frozenset[type[Command]] = frozenset(
    {
        Identify,
        Status,
        Display,
        SelfTest,
        Dose,
        Log,
        Calendar,
        Treatments,
        AskTreatment,
        AskAlarm,
        AskLamps,
        Supervise,
        Stop,
        EmergencyStop,
    }
)

LAWFUL: Mapping[DeviceState, frozenset[type[Command]]] = {
    DeviceState.SELF_TEST: ALWAYS,
    DeviceState.READY: ALWAYS | {Confirm, Start, Treat, SetClock, Provoke},
    DeviceState.RAMPING: ALWAYS | {SetLevel, Pause, Provoke},
    DeviceState.RUNNING: ALWAYS | {SetLevel, Pause, Provoke},
    DeviceState.REVERSING: ALWAYS,
    DeviceState.PAUSED: ALWAYS | {Resume},
    DeviceState.STOPPING: ALWAYS,
    DeviceState.ENDED: ALWAYS | {Confirm, Start, Treat, SetClock, Provoke},
    DeviceState.FAULT: ALWAYS | {Acknowledge},
}


def is_lawful(command: type[Command], state: DeviceState) -> bool:
    """Return whether the device takes the command in that state."""
    return command in LAWFUL[state]
