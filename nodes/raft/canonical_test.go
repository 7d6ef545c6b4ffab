package raft

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"distsim/sim"
)

// A canonical state that leaves something out proves lassos that are none. So
// whoever adds a field must say here that it is shown, or why it need not be.
func TestCanonicalKnowsEveryField(t *testing.T) {
	notShown := map[string]string{
		"Node.cfg":       "never changes",
		"Node.machine":   "shown by its hash",
		"Node.owner":     "shows itself",
		"Node.env":       "timers and files are the kernel's to show",
		"Node.self":      "never changes",
		"Node.peers":     "never changes",
		"Node.reader":    "the owner",
		"Node.elect":     "the owner",
		"Node.heard":     "is only compared with the clock",
		"Node.digests":   "for invariants; the latest is the state's hash",
		"Node.positions": "scratch",
		"log.entries":    "do not change while log.last and log.cuts stay",
		"log.cutAt":      "does not change while log.cuts stays; for invariants",
	}
	shown := map[string]string{
		"Node.term": "term", "Node.vote": "vote", "Node.log": "log.last", "Node.disk": "disk.end", "Node.role": "role",
		"Node.leader": "leader", "Node.patience": "patience", "Node.commit": "commit", "Node.applied": "applied",
		"Node.votes": "votes", "Node.followers": "follower", "Node.reads": "reads", "Node.durable": "durable",
		"log.unsaved": "log.unsaved", "log.cuts": "log.cuts",
		"storage.wal": "disk.end", "storage.term": "disk.term", "storage.vote": "disk.vote",
	}
	var v sim.View
	n := New(Config{}, &nothing{}, nil)
	n.followers = []follower{{}}
	n.Canonical(&v)
	for _, typ := range []reflect.Type{reflect.TypeFor[Node](), reflect.TypeFor[log](), reflect.TypeFor[storage]()} {
		for i := range typ.NumField() {
			name := typ.Name() + "." + typ.Field(i).Name
			field := shown[name]
			if notShown[name] == "" && !slices.ContainsFunc(v.Fields, func(f sim.Field) bool { return f.Name == field }) {
				t.Errorf("Canonical does not show %s", name)
			}
		}
	}
}

// Every message between nodes shows all of its fields.
func TestCanonicalMessagesDifferInEveryField(t *testing.T) {
	for _, m := range []sim.Canonical{&PreVoteRequest{}, &PreVoteReply{}, &VoteRequest{}, &VoteReply{}, &Append{Entries: []Entry{{}}}, &AppendReply{}, &durable{}} {
		base := show(m)
		typ := reflect.TypeOf(m).Elem()
		for i := range typ.NumField() {
			changed := reflect.New(typ)
			changed.Elem().Set(reflect.ValueOf(m).Elem())
			change(changed.Elem().Field(i))
			if show(changed.Interface().(sim.Canonical)) == base {
				t.Errorf("%s: Canonical does not show %s", typ, typ.Field(i).Name)
			}
		}
	}
}

func show(m sim.Canonical) string {
	var v sim.View
	m.Canonical(&v)
	var s []string
	for _, f := range v.Fields {
		s = append(s, f.Name+"="+f.Value())
	}
	return strings.Join(s, " ")
}

func change(f reflect.Value) {
	switch f.Kind() {
	case reflect.Bool:
		f.SetBool(true)
	case reflect.Slice:
		f.Set(reflect.ValueOf([]Entry{{Term: 7}}))
	case reflect.Int:
		f.SetInt(7)
	default:
		f.SetUint(7)
	}
}

// nothing is a state machine without state.
type nothing struct{}

func (nothing) Apply(Index, []byte) any { return nil }
func (nothing) Snapshot() func() []byte { return nil }
func (nothing) Restore([]byte) error    { return nil }
func (nothing) Hash() uint64            { return 0 }
