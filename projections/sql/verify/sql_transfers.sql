SELECT transfer, item, lot, dispatched, arrived FROM transfers
