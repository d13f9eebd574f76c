SELECT site, item, lot, on_hand, held, expires_on, last_seq FROM lots
