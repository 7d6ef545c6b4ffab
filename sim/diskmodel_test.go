package sim

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// modelDisk says in the plainest words what the disk promises: the state after
// a crash is the durable operations replayed in order, then the survivors.
type modelDisk struct {
	names   map[string]int // visible
	data    map[int][]byte
	platter struct {
		names map[string]int
		data  map[int][]byte
	}
	pending []modelOp
	syncs   []Time // when each sync is done
	done    int
	files   int
}

type modelOp struct {
	kind      diskOpKind
	file, off int
	bytes     []byte
	name, old string
	sync      int // 0: none
}

func newModelDisk() *modelDisk {
	m := &modelDisk{names: map[string]int{}, data: map[int][]byte{}}
	m.platter.names, m.platter.data = map[string]int{}, map[int][]byte{}
	return m
}

func (op *modelOp) replay(names map[string]int, data map[int][]byte) {
	switch op.kind {
	case linkOp:
		names[op.name] = op.file
	case renameOp:
		names[op.name] = op.file
		delete(names, op.old)
	case unlinkOp:
		delete(names, op.name)
	case truncateOp:
		b := append(bytes.Clone(data[op.file]), make([]byte, op.off)...)
		data[op.file] = b[:op.off]
	case writeOp:
		b := bytes.Clone(data[op.file])
		for len(b) < op.off+len(op.bytes) {
			b = append(b, 0)
		}
		copy(b[op.off:], op.bytes)
		data[op.file] = b
	}
}

// do makes an operation visible and leaves it to a sync or a crash.
func (m *modelDisk) do(op modelOp) {
	op.replay(m.names, m.data)
	m.pending = append(m.pending, op)
}

// open is the file of a name, created if need be.
func (m *modelDisk) open(name string) int {
	file, ok := m.names[name]
	if !ok {
		m.files++
		file = m.files
		m.do(modelOp{kind: linkOp, file: file, name: name})
	}
	return file
}

func (m *modelDisk) sync(now Time, covers func(op *modelOp) bool) {
	start := now
	if n := len(m.syncs); n > 0 {
		start = max(start, m.syncs[n-1])
	}
	m.syncs = append(m.syncs, start+10)
	for i := range m.pending {
		if op := &m.pending[i]; op.sync == 0 && covers(op) {
			op.sync = len(m.syncs)
		}
	}
}

// at makes durable what the syncs done by now cover.
func (m *modelDisk) at(now Time) {
	for ; m.done < len(m.syncs) && m.syncs[m.done] <= now; m.done++ {
		var rest []modelOp
		for _, op := range m.pending {
			if op.sync == m.done+1 {
				op.replay(m.platter.names, m.platter.data)
			} else {
				rest = append(rest, op)
			}
		}
		m.pending = rest
	}
}

// crash keeps the first kept pending operations, and of the next, if it is a
// write and torn is not 0, its first bytes.
func (m *modelDisk) crash(now Time, kept, torn int) {
	for i := range m.pending[:kept] {
		m.pending[i].replay(m.platter.names, m.platter.data)
	}
	if torn > 0 {
		op := m.pending[kept]
		n := len(op.bytes)
		first := (torn-1)%(n-1) + 1
		before := len(m.platter.data[op.file])
		part := op
		part.bytes = op.bytes[:first]
		part.replay(m.platter.names, m.platter.data)
		if torn >= n && before < op.off+n { // the size made it, the bytes did not
			grow := modelOp{kind: truncateOp, file: op.file, off: op.off + n}
			if len(m.platter.data[op.file]) < op.off+n {
				grow.replay(m.platter.names, m.platter.data)
			}
		}
	}
	m.names, m.data = maps.Clone(m.platter.names), maps.Clone(m.platter.data)
	m.pending, m.syncs, m.done = nil, append(m.syncs, now), len(m.syncs)+1
}

// kill leaves all that is pending as it is, but for the syncs that were under way.
func (m *modelDisk) kill(now Time) {
	for i := range m.pending {
		m.pending[i].sync = 0
	}
	m.syncs, m.done = append(m.syncs, now), len(m.syncs)+1
}

func (m *modelDisk) String() string {
	content := map[string]string{}
	for name, file := range m.names {
		content[name] = string(m.data[file])
	}
	return fmt.Sprintf("%q", content)
}

// diskUnderTest drives the kernel's disk and the model with the same operations.
type diskUnderTest struct {
	w     *World
	m     *modelDisk
	kept  int // what the chooser answers about the next crash
	torn  int
	names []string
}

func (d *diskUnderTest) env() *Env { return d.w.machine(Server(1)).envs[0] }

func (d *diskUnderTest) Choose(id Identity, o Outcomes, drawn int64) int64 {
	switch id.Purpose {
	case ForKept:
		d.kept = min(d.kept, int(o.N)-1)
		return int64(d.kept)
	case ForTorn:
		d.torn = min(d.torn, int(o.N)-1)
		return int64(d.torn)
	}
	return drawn
}

func (d *diskUnderTest) name(t *rapid.T) string { return rapid.SampledFrom(d.names).Draw(t, "name") }

func (d *diskUnderTest) write(t *rapid.T) {
	name, data := d.name(t), []byte(rapid.StringMatching("[a-z]{0,5}").Draw(t, "data"))
	off := rapid.IntRange(0, 8).Draw(t, "off")
	if rapid.Bool().Draw(t, "append") {
		d.env().File(name).Append(data)
		file := d.m.open(name)
		d.m.do(modelOp{kind: writeOp, file: file, off: len(d.m.data[file]), bytes: data})
		return
	}
	d.env().File(name).WriteAt(off, data)
	d.m.do(modelOp{kind: writeOp, file: d.m.open(name), off: off, bytes: data})
}

func (d *diskUnderTest) truncate(t *rapid.T) {
	name, size := d.name(t), rapid.IntRange(0, 8).Draw(t, "size")
	d.env().File(name).Truncate(size)
	d.m.do(modelOp{kind: truncateOp, file: d.m.open(name), off: size})
}

func (d *diskUnderTest) rename(t *rapid.T) {
	from, to := d.name(t), d.name(t)
	d.env().Rename(from, to)
	if file, ok := d.m.names[from]; ok && from != to {
		d.m.do(modelOp{kind: renameOp, file: file, name: to, old: from})
	}
}

func (d *diskUnderTest) remove(t *rapid.T) {
	name := d.name(t)
	d.env().Remove(name)
	if _, ok := d.m.names[name]; ok {
		d.m.do(modelOp{kind: unlinkOp, name: name})
	}
}

func (d *diskUnderTest) sync(t *rapid.T) {
	name := d.name(t)
	d.env().File(name).Sync()
	file, ok := d.m.names[name]
	d.m.sync(d.w.Now(), func(op *modelOp) bool {
		return ok && op.file == file && (op.kind == writeOp || op.kind == truncateOp)
	})
}

func (d *diskUnderTest) syncDir(*rapid.T) {
	d.env().SyncDir()
	d.m.sync(d.w.Now(), func(op *modelOp) bool { return op.kind != writeOp && op.kind != truncateOp })
}

func (d *diskUnderTest) wait(t *rapid.T) {
	d.w.RunUntil(d.w.Now() + Time(rapid.IntRange(0, 25).Draw(t, "ns")))
	d.m.at(d.w.Now())
}

func (d *diskUnderTest) crash(t *rapid.T) {
	model := rapid.SampledFrom([]CrashModel{LoseAll, KeepPrefix, KeepAll, TornTail}).Draw(t, "model")
	d.kept, d.torn = rapid.IntRange(0, 10).Draw(t, "kept"), rapid.IntRange(0, 8).Draw(t, "torn")
	pending := len(d.m.pending)
	d.w.Crash(Server(1), model)
	switch model {
	case LoseAll:
		d.m.crash(d.w.Now(), 0, 0)
	case KeepAll:
		d.m.kill(d.w.Now())
	case KeepPrefix:
		d.m.crash(d.w.Now(), d.kept, 0)
	case TornTail:
		torn := 0
		if d.kept < pending && d.m.pending[d.kept].kind == writeOp && len(d.m.pending[d.kept].bytes) > 1 {
			torn = d.torn + 1
		}
		d.m.crash(d.w.Now(), d.kept, torn)
	}
	d.w.Restart(Server(1))
	d.wait(t)
}

func (d *diskUnderTest) check(t *rapid.T) {
	content := map[string]string{}
	for _, name := range d.env().Files() {
		content[name] = string(d.env().File(name).Bytes())
	}
	if got, want := fmt.Sprintf("%q", content), d.m.String(); got != want {
		t.Fatalf("disk: got %s, want %s", got, want)
	}
	if got, want := d.w.Dirty(Server(1)), len(d.m.pending) > 0; got != want {
		t.Fatalf("dirty: got %v, want %v", got, want)
	}
	for name, file := range d.m.platter.names {
		if got, want := string(d.w.Durable(Server(1), name)), string(d.m.platter.data[file]); got != want {
			t.Fatalf("durable %s: got %q, want %q", name, got, want)
		}
	}
}

// The disk does what the model says under random operations and crashes.
func TestDiskAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &diskUnderTest{m: newModelDisk(), names: []string{"a", "b", "c"}}
		d.w = New(Config{Chooser: d, Disk: DiskConfig{Sync: Fixed(10)}})
		defer d.w.Close()
		d.w.AddServer(idle)
		d.w.RunUntil(0)
		t.Repeat(map[string]func(*rapid.T){
			"write": d.write, "write again": d.write, "truncate": d.truncate, "rename": d.rename, "remove": d.remove,
			"sync": d.sync, "syncDir": d.syncDir, "wait": d.wait, "crash": d.crash, "": d.check,
		})
	})
}
