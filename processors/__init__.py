"""What runs: wires the ledger's parts into processes. No rules here."""
