package twopc

import (
	"maps"
	"reflect"
	"testing"

	"distsim/nodes/raft"
	"distsim/sim"

	"pgregory.net/rapid"
)

// feed is a replica of the group's table.
type feed struct {
	group
	applied raft.Index
}

func newFeed() *feed { return &feed{group: group{table: newTable()}} }

func (f *feed) apply(command []byte) {
	f.applied++
	f.Apply(f.applied, command)
}

// command is a decision, its end, or the opening of a reign.
func command() *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		tx := Tx{Process: rapid.IntRange(1, 3).Draw(t, "process"), N: rapid.IntRange(1, 4).Draw(t, "n"),
			Try: rapid.IntRange(1, 2).Draw(t, "try"), Epoch: 1}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return appendEpoch(nil, rapid.Uint64().Draw(t, "epoch"))
		case 1:
			return appendEnd(nil, tx, true)
		default:
			return appendCommit(nil, &decision{tx: tx,
				participants: []sim.NodeID{sim.Server(rapid.IntRange(1, 9).Draw(t, "participant"))},
				balances:     rapid.SliceOfN(rapid.Int64(), 1, 3).Draw(t, "balances")})
		}
	})
}

// A snapshot is the table as it was when the snapshot was taken, whatever is applied
// before it is encoded; and a replica that begins with it goes on as the others.
func TestSnapshotsOfDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		original, twin := newFeed(), newFeed()
		for _, c := range rapid.SliceOf(command()).Draw(t, "before") {
			original.apply(c)
			twin.apply(c)
		}
		encode := original.Snapshot()
		after := rapid.SliceOf(command()).Draw(t, "after")
		for _, c := range after {
			original.apply(c)
		}
		restored := newFeed()
		restored.apply(appendEpoch(nil, 99)) // what it had is replaced
		if err := restored.Restore(encode()); err != nil {
			t.Fatal(err)
		}
		same(t, "restored", &restored.group, &twin.group)
		for _, c := range after {
			restored.apply(c)
		}
		same(t, "gone on", &restored.group, &original.group)
	})
}

func same(t *rapid.T, what string, got, want *group) {
	if got.Hash() != want.Hash() {
		t.Fatalf("%s: hash %x, want %x", what, got.Hash(), want.Hash())
	}
	if len(got.table.open)+len(want.table.open) > 0 && !reflect.DeepEqual(got.table.open, want.table.open) {
		t.Fatalf("%s: open are %v, want %v", what, got.table.open, want.table.open)
	}
	if !maps.EqualFunc(got.table.latest, want.table.latest, func(a, b *decision) bool { return reflect.DeepEqual(a, b) }) {
		t.Fatalf("%s: latest are %v, want %v", what, got.table.latest, want.table.latest)
	}
}

// A snapshot that is damaged is refused, and changes nothing.
func TestHalfASnapshotIsRefused(t *testing.T) {
	f := newFeed()
	f.apply(appendCommit(nil, &decision{tx: someTx, participants: []sim.NodeID{sim.Server(2)}, balances: []int64{1}}))
	snapshot := f.Snapshot()()
	refused := 0
	for size := range snapshot {
		g := newFeed()
		g.apply(appendEpoch(nil, 3))
		hash := g.Hash()
		if g.Restore(snapshot[:size]) != nil {
			refused++
			if g.Hash() != hash {
				t.Errorf("%d of %d bytes are refused, and change the table", size, len(snapshot))
			}
		}
	}
	if whole := len(snapshot) - refused; whole > 5 { // those that end where a record does: five at most
		t.Errorf("%d of %d beginnings are taken for whole", whole, len(snapshot))
	}
}

// The latest decision of a process is the one of its latest operation, in whatever
// order they come.
func TestTheLatestDecision(t *testing.T) {
	table := newTable()
	for _, d := range []decision{
		{tx: Tx{Process: 1, N: 2, Try: 1}}, {tx: Tx{Process: 1, N: 1, Try: 5}}, {tx: Tx{Process: 2, N: 1, Try: 1}},
		{tx: Tx{Process: 1, N: 2, Try: 3}}, {tx: Tx{Process: 1, N: 2, Try: 2}},
	} {
		table.commit(&d)
	}
	table.end(Tx{Process: 1, N: 2, Try: 1})
	var latest []Tx
	for _, d := range table.lastOfEach() {
		latest = append(latest, d.tx)
	}
	if want := []Tx{{Process: 1, N: 2, Try: 3}, {Process: 2, N: 1, Try: 1}}; !reflect.DeepEqual(latest, want) {
		t.Errorf("latest are %v, want %v", latest, want)
	}
	if len(table.open) != 4 {
		t.Errorf("%d are open, want 4", len(table.open))
	}
	f := newFeed()
	f.apply(appendCommit(nil, &decision{tx: someTx}))
	f.apply(appendEnd(nil, someTx, true))
	if len(f.table.open) != 0 || f.table.latest[someTx.Process] == nil {
		t.Errorf("after its end a decision is still open: %+v", f.table)
	}
}
