package unseen
