package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/klauspost/compress/zstd"
)

// BackupTime is the layout of times in the names of backups, in UTC.
const BackupTime = "20060102T150405Z"

// Backup says what a backup holds.
type Backup struct {
	Form   int    `json:"form"` // of the file; this program reads and writes backupForm
	Schema int    `json:"schema"`
	Cursor Cursor `json:"cursor"` // it holds every change up to here, and none after
	Rows   uint64 `json:"rows"`   // entries of the feed
	Made   Time   `json:"made"`
}

// A backup is a zstd stream (RFC 8878) of: a first line, a line of JSON (see
// [Backup]), then the rows in the order of their keys. A row is the length of
// its key, the key, the length of its value, the value, and the Unix time when it
// expires or 0; numbers are as in binary.AppendUvarint. A key of length 0 ends
// the rows; the SHA-256 of all before it ends the file.
const (
	backupMagic = "hark backup\n"
	backupForm  = 1
	maxKey      = 4 << 10
	maxValue    = 8 << 20
)

// Backup writes everything the store holds to w: exactly what it held at one
// moment, whatever is written meanwhile. Writers are not kept waiting.
func (db *DB) Backup(w io.Writer) (b Backup, err error) {
	err = db.snapshot(func(txn *badger.Txn) error {
		// The engine's own backup reads with several transactions, each of another moment.
		b, err = writeBackup(w, txn)
		return err
	})
	if err != nil {
		return b, fmt.Errorf("back up: %w", err)
	}
	return b, nil
}

// BackupTo is [DB.Backup] into a file, which appears, whole and on disk, when
// it has been read back and loaded into a store beside it. Only its owner can
// read it: it holds secrets.
func (db *DB) BackupTo(path string) (Backup, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*") // with mode 0600
	if err != nil {
		return Backup{}, fmt.Errorf("back up: %w", err)
	}
	b, err := db.Backup(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = Verify(f.Name())
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return b, errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(f.Name()))
	}
	return b, nil
}

func writeBackup(w io.Writer, txn *badger.Txn) (b Backup, err error) {
	if b, err = describe(txn); err != nil {
		return b, err
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return b, err
	}
	head, err := json.Marshal(b)
	if err != nil {
		return b, err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(z, sum), 64<<10)
	fmt.Fprintf(out, "%s%s\n", backupMagic, head)
	if err := writeRows(out, txn); err != nil {
		return b, err
	}
	if err := out.Flush(); err != nil {
		return b, err
	}
	_, err = z.Write(append([]byte{0}, sum.Sum(nil)...))
	return b, errors.Join(err, z.Close())
}

func describe(txn *badger.Txn) (b Backup, err error) {
	b = Backup{Form: backupForm, Made: At(time.Now())}
	if b.Schema, err = schemaOf(txn); err != nil {
		return b, err
	}
	epoch, err := valueOf(txn, epochKey)
	if err != nil {
		return b, err
	}
	t, ok, err := readTally(txn)
	if err != nil {
		return b, err
	}
	if !ok { // of schema 1
		t.rows = countRows(txn)
		t.seq = lastSeq(txn)
	}
	b.Cursor, b.Rows = Cursor{string(epoch), t.seq}, t.rows
	return b, nil
}

func writeRows(out *bufio.Writer, txn *badger.Txn) error {
	it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: true, PrefetchSize: 128})
	defer it.Close()
	var num []byte
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		key := item.Key()
		num = binary.AppendUvarint(num[:0], uint64(len(key)))
		_, _ = out.Write(num) // a bufio.Writer keeps its first error for Flush
		_, _ = out.Write(key)
		if err := item.Value(func(v []byte) error {
			_, _ = out.Write(binary.AppendUvarint(num[:0], uint64(len(v))))
			_, err := out.Write(v)
			return err
		}); err != nil {
			return err
		}
		_, _ = out.Write(binary.AppendUvarint(num[:0], item.ExpiresAt()))
	}
	return nil
}

// ErrNotBackup means that the file is no backup, or not a whole one.
var ErrNotBackup = errors.New("not a whole backup")

// ReadBackup says what the backup in a file holds, by its beginning alone.
func ReadBackup(path string) (Backup, error) {
	f, err := os.Open(path)
	if err != nil {
		return Backup{}, fmt.Errorf("read backup: %w", err)
	}
	defer func() { _ = f.Close() }()
	r, err := newBackupReader(f)
	if err != nil {
		return Backup{}, fmt.Errorf("%s: %w", path, err)
	}
	r.close()
	return r.about, nil
}

// backupReader reads rows.
type backupReader struct {
	z     *zstd.Decoder
	in    *bufio.Reader
	sum   hash.Hash
	about Backup
}

func newBackupReader(r io.Reader) (*backupReader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	b := &backupReader{z: z, in: bufio.NewReaderSize(z, 64<<10), sum: sha256.New()}
	if err := b.head(); err != nil {
		z.Close()
		return nil, fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	return b, nil
}

func (b *backupReader) close() { b.z.Close() }

func (b *backupReader) head() error {
	for i := range 2 {
		part, err := b.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		b.sum.Write(part)
		if i == 0 && string(part) != backupMagic {
			return errors.New("it begins otherwise")
		} else if i == 1 {
			err = json.Unmarshal(part, &b.about)
		}
		if err != nil {
			return err
		}
	}
	if b.about.Form != backupForm || b.about.Schema > Schema {
		return fmt.Errorf("%w: form %d, schema %d", ErrNewer, b.about.Form, b.about.Schema)
	}
	return nil
}

// next returns the next row, or io.EOF after the last of a whole backup.
func (b *backupReader) next() (key, value []byte, expires uint64, err error) {
	if key, err = b.piece(maxKey, true); err != nil {
		return nil, nil, 0, fmt.Errorf("%w: %w", ErrNotBackup, noEOF(err))
	}
	if len(key) == 0 {
		return nil, nil, 0, b.end()
	}
	if value, err = b.piece(maxValue, false); err == nil {
		expires, err = b.number()
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("%w: %w", ErrNotBackup, noEOF(err))
	}
	return key, value, expires, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (b *backupReader) end() error {
	want := make([]byte, sha256.Size)
	if _, err := io.ReadFull(b.in, want); err != nil {
		return fmt.Errorf("%w: %w", ErrNotBackup, noEOF(err))
	}
	if string(want) != string(b.sum.Sum(nil)) {
		return fmt.Errorf("%w: its checksum is wrong", ErrNotBackup)
	}
	return io.EOF
}

// number reads a number that the checksum covers.
func (b *backupReader) number() (uint64, error) {
	n, err := binary.ReadUvarint(b.in)
	if err == nil {
		b.sum.Write(binary.AppendUvarint(nil, n))
	}
	return n, err
}

// piece reads a length and so many bytes. The length 0 of a key is not covered.
func (b *backupReader) piece(most uint64, key bool) ([]byte, error) {
	n, err := binary.ReadUvarint(b.in)
	if err != nil || (n == 0 && key) {
		return nil, err
	}
	if n > most {
		return nil, fmt.Errorf("a piece of %d bytes", n)
	}
	b.sum.Write(binary.AppendUvarint(nil, n))
	p := make([]byte, n)
	if _, err := io.ReadFull(b.in, p); err != nil {
		return nil, err
	}
	b.sum.Write(p)
	return p, nil
}
