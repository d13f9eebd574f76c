"""What runs: wires the ledger's parts into processes (`serve`: gateway, lake writer, notifier). No rules here."""
