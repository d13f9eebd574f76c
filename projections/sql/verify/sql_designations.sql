SELECT site, item, receiver, designated, issued, reserved FROM designations
