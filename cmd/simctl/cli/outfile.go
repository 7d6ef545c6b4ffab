package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"distsim/faults/planfile"
	"distsim/scenarios"
)

// outFile is a place for one plan. A regular file, new or there already, is
// replaced whole, behind symbolic links, and keeps its mode. Standard output and
// error, devices and named pipes are written through.
type outFile struct {
	path    string      // as it was typed
	target  string      // of a regular file: where the links lead
	old     fs.FileInfo // of a regular file that is there; nil: it is new
	through io.Writer   // what else it is
}

// openOut says what is wrong with a place before the work that would be lost. A
// pipe is opened, and waits for its reader; a regular file is left alone.
func (a *app) openOut(path string) (*outFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return newOut(path, nil)
	case err != nil:
		return nil, cannot("write", path, err)
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file in it", path)
	case isSame(info, os.Stdout):
		return &outFile{path: path, through: a.out}, nil
	case isSame(info, os.Stderr):
		return &outFile{path: path, through: a.err}, nil
	case info.Mode().IsRegular():
		return newOut(path, info)
	case info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice:
		return nil, fmt.Errorf("%s is a disk, and a plan would destroy what is on it; name a file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, cannot("write", path, err)
	}
	return &outFile{path: path, through: f}, nil
}

func isSame(info fs.FileInfo, f *os.File) bool {
	other, err := f.Stat()
	return err == nil && os.SameFile(info, other)
}

// newOut is a regular file, which can be written if it is there and its folder
// takes another.
func newOut(path string, old fs.FileInfo) (*outFile, error) {
	target, err := behindLinks(path)
	if err != nil {
		return nil, cannot("write", path, err)
	}
	if old != nil {
		if err := checkNotReadOnly(path, old); err != nil {
			return nil, err
		}
	}
	return &outFile{path: path, target: target, old: old}, checkWritable(filepath.Dir(target))
}

// checkNotReadOnly refuses a file that its mode protects, also from a user who
// may do everything.
func checkNotReadOnly(path string, info fs.FileInfo) error {
	if info.Mode()&0o222 == 0 {
		return fmt.Errorf("%s is read-only (mode %04o); make it writable, or name another file", path, info.Mode().Perm())
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return cannot("write", path, err)
	}
	return f.Close()
}

// mostLinks is how many symbolic links may lead to each other, as in the kernel.
const mostLinks = 40

// behindLinks is the path that a chain of symbolic links ends at; nothing need be
// there.
func behindLinks(path string) (string, error) {
	for range mostLinks {
		dir, name := filepath.Split(path)
		if dir == "" {
			dir = "."
		}
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, name)
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		path = to
		if !filepath.IsAbs(to) {
			path = dir + string(filepath.Separator) + to // not Join: ".." is behind the links of dir
		}
	}
	return "", errors.New("too many symbolic links")
}

// savePlan writes the plan that repeats a run, with what the run was; to nil,
// nothing.
func (o *outFile) savePlan(run *scenarios.Run) error {
	if o == nil {
		return nil
	}
	expect, err := expectation(run.Report)
	if err != nil {
		return err
	}
	plan := run.Plan
	plan.Expect = expect
	data, err := planfile.Encode(plan)
	if err != nil {
		return err
	}
	if err := o.write(data); err != nil {
		return cannot("write", o.path, err)
	}
	return nil
}

func (o *outFile) write(data []byte) error {
	if o.through == nil {
		return o.replace(data)
	}
	_, err := io.Copy(o.through, bytes.NewReader(data))
	if f, ok := o.through.(*os.File); ok && f != os.Stderr {
		err = errors.Join(err, f.Close())
	}
	return err
}

// replace puts a finished file where the old one was, or none: nobody ever sees
// half of it.
func (o *outFile) replace(data []byte) error {
	f, err := createTemp(filepath.Dir(o.target))
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if o.old != nil {
		err = errors.Join(err, f.Chmod(o.old.Mode().Perm()))
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), o.target)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// createTemp is os.CreateTemp with the mode that the user's umask gives a file.
func createTemp(dir string) (*os.File, error) {
	for i := 0; ; i++ {
		name := filepath.Join(dir, fmt.Sprintf(".simctl-%d-%d", os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// checkOutDir fails when a folder cannot take files, or cannot be made.
func checkOutDir(dir string) error {
	dir = filepath.Clean(dir)
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case err == nil:
		return checkWritable(dir)
	case !errors.Is(err, fs.ErrNotExist):
		return cannot("use", dir, err)
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is a symbolic link to a directory that is not there; make it first", dir)
	}
	return checkWritable(filepath.Dir(dir))
}

// checkWritable tries to make a file in a folder; nothing stays behind.
func checkWritable(dir string) error {
	f, err := createTemp(dir)
	if err != nil {
		return cannot("write into", dir, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

// saveInto writes a plan into a folder that is made when it is needed.
func (a *app) saveInto(dir, path string, run *scenarios.Run) error {
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return cannot("make", dir, err)
	}
	o, err := a.openOut(path)
	if err != nil {
		return err
	}
	return o.savePlan(run)
}
