package daemon

import "os"

// ownerOf is the user whose folder or file it is, or -1 where that is not to be
// known.
func ownerOf(path string) (user int, err error) {
	_, err = os.Stat(path)
	return -1, err
}

// mayWrite returns why this user can't write to a folder, or nil. Lists of
// rights are not looked at: what is refused then says so.
func mayWrite(string) error { return nil }

// othersMay are the rights that users besides the owner have, as in chmod.
func othersMay(string) (rights os.FileMode) { return 0 }

// giveTo does nothing: what is made in a folder gets the folder's rights.
func giveTo(string, string) error { return nil }
