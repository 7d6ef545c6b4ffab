package wal

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// Open reads the file of that name and hands the payload of each frame to replay,
// oldest first; a payload is the disk's, to be cloned where it is kept. An error of
// replay says that the file is corrupt.
//
// It is not ok if the file is corrupt or cannot be read: the process ends (see
// Env.Fatal), and what was replayed is to be forgotten. Mended says that the file
// was put in order and is being synced: the node owes itself a notice, as after Sync.
func (l *Log) Open(env *sim.Env, name string, replay func(payload []byte) error) (mended, ok bool) {
	*l = Log{env: env, name: name, file: env.File(name)}
	l.adopt()
	file, err := l.file.Read()
	if err != nil {
		l.must("read", err)
		return false, false
	}
	found, err := scan(file, replay)
	if err != nil {
		env.Fatal("the %s is corrupt at byte %d: %v", name, found.end, err)
		return false, false
	}
	l.isNew = found.mark == 0 // no mark says that its name has ever been made durable
	l.end, l.sum, l.mark, l.durable = found.end, found.sum, found.mark, found.mark
	return l.mend(&found, file), true
}

// mend drops a torn tail and writes again what no sync is known to cover: it
// may have been read from memory that the disk has yet to see.
func (l *Log) mend(found *contents, file []byte) (mended bool) {
	if found.damage != "" {
		l.env.Logf("dropped a torn tail of %d bytes at byte %d of the %s: %s", len(file)-l.end, l.end, l.name, found.damage)
		l.must("written", l.file.Truncate(l.end))
	}
	if l.mark < l.end {
		l.must("written", l.file.WriteAt(l.mark, slices.Clone(file[l.mark:l.end])))
	}
	if l.isNew {
		l.renew()
	}
	mended = found.damage != "" || l.mark < l.end
	if mended {
		l.Sync()
	}
	return mended
}

// between is the name that the file has while it is given its own anew.
func (l *Log) between() string { return l.name + ".renamed" }

// renew gives the file its name anew. A SyncDir that has failed leaves a name that
// is there and that no later SyncDir saves (the fsync surprise, for names): only a
// new one is. Both renames are of one file, so whatever a crash keeps of them, its
// content is safe, and its name one of two.
func (l *Log) renew() {
	if l.file.Exists() {
		l.env.Rename(l.name, l.between())
		l.env.Rename(l.between(), l.name)
	}
}

// adopt finds the file if a crash came between the two renames.
func (l *Log) adopt() {
	if !l.file.Exists() {
		l.env.Rename(l.between(), l.name)
	}
}

// contents is what a file holds.
type contents struct {
	mark   int    // the highest sync mark
	end    int    // where the good frames end
	sum    uint32 // checksum of the last one
	damage string // why they end there, "" if the file does
}

// scan reads a whole file. Damage below the highest sync mark is corruption, an
// error. Any other is a tail that was never durable.
func scan(file []byte, replay func(payload []byte) error) (c contents, err error) {
	for c.end < len(file) {
		f, damage := nextFrame(file, c.end, c.sum)
		if damage != "" {
			c.damage = damage
			break
		}
		if err := replayed(f.payload, replay); err != nil {
			return c, err
		}
		c.mark, c.end, c.sum = max(c.mark, f.mark), f.end, f.sum
	}
	if c.damage == "" {
		return c, nil
	}
	if mark := max(c.mark, highestMark(file, c.end+1)); c.end < mark {
		return c, fmt.Errorf("%s, but everything up to byte %d was durable", c.damage, mark)
	}
	return c, nil
}

// replayed replays a frame, unless it is only a mark.
func replayed(payload []byte, replay func(payload []byte) error) error {
	if len(payload) == 0 {
		return nil
	}
	return replay(payload)
}

// highestMark looks for frames behind damage and what they say was durable.
func highestMark(file []byte, from int) (mark int) {
	for at := from; at+headerSize <= len(file); at++ {
		if f, _, damage := readFrame(file, at); damage == "" {
			mark = max(mark, f.mark)
		}
	}
	return mark
}
