package planfile

import (
	"errors"
	"fmt"
	"os"            //simlint:allow os a plan's file is read before and written after a run, never by a node
	"path/filepath" //simlint:allow os the file's own directory, on whatever platform this is

	"distsim/faults"
)

// Read reads a plan from a file.
func Read(path string) (faults.Plan, error) {
	info, err := os.Stat(path)
	if err != nil {
		return faults.Plan{}, err
	}
	if info.Size() > maxBytes { // before it fills the memory
		return faults.Plan{}, &Error{path, 1, 1, fmt.Sprintf("the file has %d bytes; a plan has at most %d", info.Size(), maxBytes)}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return faults.Plan{}, err
	}
	return Decode(path, data)
}

// Write writes a plan to a file, whole or not at all: a reader sees the old file
// or the new one, and an interrupted write leaves the old.
func Write(path string, p faults.Plan) error {
	data, err := Encode(p)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("writing the plan: %w", err)
	}
	return nil
}
