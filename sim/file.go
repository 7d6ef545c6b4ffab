package sim

import (
	"encoding/binary"
	"slices"
)

// File is one file of the machine's disk, named within the node's Part. A
// write is readable at once and durable only after a Sync; the name of a file
// that is new, renamed or removed is durable only after SyncDir.
type File struct {
	env  *Env
	path string
	typ  int32
}

// directory is the name by which syncs of the directory are known.
const directory = "directory"

// File opens a file by name; it comes into being with its first write. The name
// "directory" is taken: it stands for SyncDir in identities.
func (e *Env) File(name string) File {
	path := e.w.inPart(e.part, name)
	if path == directory {
		panic("sim: a file cannot be called directory: that name stands for SyncDir in plans and traces")
	}
	return File{e, path, e.w.types.name(path)}
}

// Files lists the names in this Part, sorted.
func (e *Env) Files() []string {
	e.w.unforeseen++
	prefix := e.w.inPart(e.part, "")
	var out []string
	for _, path := range sortedNames(e.m.disk.names) {
		if len(path) > len(prefix) && path[:len(prefix)] == prefix {
			out = append(out, path[len(prefix):])
		}
	}
	return out
}

// Bytes is Read for code that cannot go on without: like a memory map whose page
// cannot be read, an error ends the process on the spot, as Env.Fatal does.
func (f File) Bytes() []byte {
	b, err := f.Read()
	if err != nil && !f.env.dead {
		f.env.m.fail("cannot read " + f.path + ": " + err.Error())
		panic(killed{})
	}
	return b
}

// Size is the length in bytes; 0 for a file that does not exist.
func (f File) Size() int {
	f.env.w.unforeseen++
	return f.size()
}

func (f File) size() int {
	if n := f.env.m.disk.names[f.path]; n != nil {
		return len(n.visible)
	}
	return 0
}

// Exists reports whether the name means a file.
func (f File) Exists() bool {
	f.env.w.unforeseen++
	return f.env.m.disk.names[f.path] != nil
}

// Append writes data at the end.
func (f File) Append(data []byte) error { return f.WriteAt(f.size(), data) }

// WriteAt writes data at offset off ≥ 0, extending the file with zeros if off
// lies beyond its end. The data is copied. An error, such as ErrNoSpace, means that
// nothing was written.
func (f File) WriteAt(off int, data []byte) error {
	if off < 0 {
		panic("sim: WriteAt(" + f.path + "): negative offset")
	}
	return f.change(diskOp{kind: writeOp, off: off, data: slices.Clone(data)})
}

// Truncate sets the size, cutting or filling with zeros.
func (f File) Truncate(size int) error {
	if size < 0 {
		panic("sim: Truncate(" + f.path + "): negative size")
	}
	return f.change(diskOp{kind: truncateOp, off: size})
}

// change makes one write or truncation, creating the file if need be.
func (f File) change(op diskOp) error {
	e := f.env
	happens := e.effect()
	if e.dead {
		return nil
	}
	d := &e.m.disk
	if err := d.refuses(f.path, &op); err != nil {
		return err
	}
	if !happens {
		d.haunt()
	}
	first := d.ops + 1
	n := d.names[f.path]
	if n == nil {
		n = &inode{}
		d.names[f.path] = n
		d.log(diskOp{kind: linkOp, file: n, name: f.path, ghost: !happens})
	}
	op.file, op.ghost = n, !happens
	if op.kind == writeOp {
		n.visible = writeAt(n.visible, op.off, op.data)
	} else {
		n.visible = resize(n.visible, op.off)
	}
	d.log(op)
	f.record(&op)
	if !happens {
		e.haunts(first)
	}
	return nil
}

// record puts the write into the trace and its bytes into the hash.
func (f File) record(op *diskOp) {
	w := f.env.w
	c := w.rec(KindWrite, f.env.m)
	c.Type, c.K, c.Due, c.Effect = f.typ, uint64(len(op.data)), Time(op.off), f.env.m.effect
	w.seal(c)
	w.trace.mix(uint64(op.kind)<<56 ^ uint64(op.off))
	w.trace.mix(hashBytes(op.data))
}

// hashBytes folds bytes eight at a time, little-endian on every machine.
func hashBytes(b []byte) uint64 {
	h := uint64(len(b))
	for ; len(b) >= 8; b = b[8:] {
		h = fold(h, binary.LittleEndian.Uint64(b))
	}
	var tail [8]byte
	copy(tail[:], b)
	return fold(h, binary.LittleEndian.Uint64(tail[:]))
}

// Sync makes the earlier writes of this file durable after the disk's time for
// it. It returns at once; what the machine sends from now on waits until then.
// A non-nil error means that the sync failed: the writes stay readable but no
// later Sync makes them durable, and sends do not wait for it. (A sync that a pause
// has postponed does not fail: nobody could be told.)
func (f File) Sync() error {
	d := &f.env.m.disk
	return f.env.sync(f.typ, syncScope{file: d.names[f.path], until: d.ops})
}

// SyncDir makes creations, renames and removals of files durable, as Sync does
// for content. It covers the machine's whole directory.
func (e *Env) SyncDir() error {
	return e.sync(e.w.types.name(directory), syncScope{names: true, until: e.m.disk.ops})
}

// sync starts a sync of what was in its scope when the code asked for it: a
// pause that postpones it does not widen it.
func (e *Env) sync(typ int32, s syncScope) error {
	if !e.effect() || !e.w.syncNears(e, typ) {
		e.postpones(func() { e.syncLater(typ, s) })
		return nil
	}
	if e.w.syncFails(e, typ, s) {
		return ErrIO
	}
	e.w.issueSync(e, typ, s)
	return nil
}

// syncLater starts a sync that a pause has postponed, unless another strike comes
// before it. Its record has the number of the effect before it: hashes count on that.
func (e *Env) syncLater(typ int32, s syncScope) {
	if !e.effect() || !e.w.syncNears(e, typ) {
		e.postpones(func() { e.syncLater(typ, s) })
		return
	}
	e.m.effect--
	e.w.issueSync(e, typ, s)
}

// Rename gives a file another name, replacing a file that has it. It does
// nothing when there is no file called from.
func (e *Env) Rename(from, to string) {
	src, dst := e.w.inPart(e.part, from), e.w.inPart(e.part, to)
	e.changeNames(dst, func(d *disk) (op diskOp, changes bool) {
		n := d.names[src]
		if n == nil || src == dst {
			return op, false
		}
		d.names[dst] = n
		delete(d.names, src)
		return diskOp{kind: renameOp, file: n, name: dst, old: src}, true
	})
}

// Remove deletes a file's name.
func (e *Env) Remove(name string) {
	path := e.w.inPart(e.part, name)
	e.changeNames(path, func(d *disk) (op diskOp, changes bool) {
		if d.names[path] == nil {
			return op, false
		}
		delete(d.names, path)
		return diskOp{kind: unlinkOp, name: path}, true
	})
}

// changeNames is one effect on the directory.
func (e *Env) changeNames(path string, change func(*disk) (op diskOp, changes bool)) {
	happens := e.effect()
	if e.dead {
		return
	}
	d := &e.m.disk
	if !happens {
		d.haunt()
	}
	op, changes := change(d)
	if !changes {
		return
	}
	op.ghost = !happens
	d.log(op)
	c := e.w.rec(KindWrite, e.m)
	c.Type, c.Effect = e.w.types.name(path), e.m.effect
	e.w.seal(c)
	if !happens {
		e.haunts(d.ops)
	}
}
