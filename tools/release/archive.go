package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// archive packs the program with what people want beside it.
func (r *release) archive(t target, bin string) error {
	name := "hark-" + r.version + "-" + t.os + "-" + t.arch
	files := []string{bin, filepath.Join(r.root, "README.md"), filepath.Join(r.root, "LICENSE")}
	if t.os == "windows" {
		return write(filepath.Join(r.out, name+".zip"), func(w io.Writer) error { return r.zip(w, name, files) })
	}
	return write(filepath.Join(r.out, name+".tar.gz"), func(w io.Writer) error { return r.tar(w, name, files) })
}

func write(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}

// mode is the same whatever the builder's umask.
func (r *release) mode(path string) fs.FileMode {
	if filepath.Dir(path) == r.root {
		return 0o644
	}
	return 0o755
}

func (r *release) tar(w io.Writer, dir string, files []string) error {
	zw, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(zw)
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h := &tar.Header{
			Name: dir + "/" + filepath.Base(path), Mode: int64(r.mode(path)), Size: int64(len(b)),
			ModTime: r.when, Format: tar.FormatPAX,
		}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		if _, err := tw.Write(b); err != nil {
			return err
		}
	}
	return errors.Join(tw.Close(), zw.Close())
}

func (r *release) zip(w io.Writer, dir string, files []string) error {
	zw := zip.NewWriter(w)
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: dir + "/" + filepath.Base(path), Method: zip.Deflate, Modified: r.when}
		h.SetMode(r.mode(path))
		f, err := zw.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	return zw.Close()
}
