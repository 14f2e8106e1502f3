package store

// calendarPrefix is f/<owner> → the key of the secret that opens the owner's
// calendar.
const calendarPrefix = "f/"

// SetCalendar lets a secret, of which only the SHA-256 is kept, read the
// reminders on behalf of owner ("device/<id>"). An older one of the same owner
// opens nothing any more.
func (tx *Tx) SetCalendar(owner, secret string) error {
	if err := tx.DropCalendar(owner); err != nil {
		return err
	}
	key := secretKey(secret)
	tx.set(key, []byte(calendarPrefix+owner), 0)
	tx.set(calendarPrefix+owner, []byte(key), 0)
	return nil
}

// DropCalendar makes the owner's secret, if there is one, open nothing.
func (tx *Tx) DropCalendar(owner string) error {
	key, err := tx.get(calendarPrefix + owner)
	if err != nil || key == nil {
		return err
	}
	tx.del(string(key))
	tx.del(calendarPrefix + owner)
	return nil
}

// CalendarOf returns the owner that a secret belongs to, or ErrNotFound.
func (tx *Tx) CalendarOf(secret string) (owner string, err error) {
	return tx.owner(secret, calendarPrefix[0])
}
