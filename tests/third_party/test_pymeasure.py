"""Drivers of pymeasure, unchanged, on virtual instruments."""

from pymeasure.instruments.keysight import KeysightE36312A


def test_a_supply_is_set_and_read(plug):
    """KeysightE36312A sets voltage and current limit, switches the output on, and reads the voltage back."""
    plugged = plug("E36312A")
    supply = KeysightE36312A(plugged.address, visa_library=plugged.visalib)

    supply.ch_1.voltage_setpoint = 5.0
    supply.ch_1.current_limit = 0.5
    supply.ch_1.output_enabled = True

    assert supply.ch_1.voltage_setpoint == 5.0
    assert abs(supply.ch_1.voltage - 5.0) < 0.02
