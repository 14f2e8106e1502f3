package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Seq is a position in the change feed. Zero is before the first change.
type Seq uint64

// Cursor is a position in the feed of one particular database. The epoch is
// random and made with the database (and again on restore), so a cursor of
// another database can be told apart.
type Cursor struct {
	Epoch string
	Seq   Seq
}

// String writes the cursor as "<epoch>-<seq>", the form used on the wire.
func (c Cursor) String() string { return c.Epoch + "-" + strconv.FormatUint(uint64(c.Seq), 10) }

// MarshalText writes the form of [Cursor.String].
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the form of [Cursor.String].
func (c *Cursor) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCursor(string(b))
	return err
}

// ParseCursor reads the form of [Cursor.String]. An epoch is 1 to 32 lower-case
// letters and digits.
func ParseCursor(s string) (Cursor, error) {
	epoch, num, ok := strings.Cut(s, "-")
	if !ok || epoch == "" || len(epoch) > 32 || strings.Trim(epoch, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return Cursor{}, fmt.Errorf("cursor %.60q is not of the form <epoch>-<number>", s)
	}
	n, err := strconv.ParseUint(num, 10, 64)
	if err != nil || (len(num) > 1 && num[0] == '0') || num[0] == '+' {
		return Cursor{}, fmt.Errorf("cursor %.60q does not end in a number", s)
	}
	return Cursor{epoch, Seq(n)}, nil
}
