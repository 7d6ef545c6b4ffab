package lock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

// c is the i-th client's first session.
func c(i int) SessionID { return SessionID{Client: sim.Client(i), Session: 1} }

func opens(i int) Request  { return Request{Verb: Open, Session: c(i), TTL: time.Second} }
func closes(i int) Request { return Request{Verb: Close, Session: c(i)} }
func lapses(i int) Request { return Request{Verb: expire, Session: c(i)} }

// asks is a client's n-th request for l1, or for the lock that is named.
func asks(i int, n uint64, v Verb, name ...string) Request {
	return Request{Verb: v, Session: c(i), N: n, Lock: append(name, "l1")[0]}
}

func under(token uint64, r Request) Request {
	r.Token = token
	return r
}

func valued(value string, r Request) Request {
	r.Value = value
	return r
}

// step is a command, and what it makes a table say.
type step struct {
	r    Request
	says string
}

// tables are stories of one table each, from when all have opened their sessions.
var tables = []struct {
	name  string
	steps []step
	held  string
}{
	{"a lock goes to those who wait in the order in which they asked", []step{
		{asks(1, 1, Acquire), "c1/1 #1 granted 1"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{under(1, asks(1, 2, Release)), "c3/1 #1 granted 2, c1/1 #2 released"},
		{asks(1, 3, Acquire), "c1/1 #3 queued"},
		{under(2, asks(3, 2, Release)), "c2/1 #1 granted 3, c3/1 #2 released"},
		{under(3, asks(2, 2, Release)), "c1/1 #3 granted 4, c2/1 #2 released"},
	}, "l1 c1/1 token 4"},
	{"a copy keeps its place, and gets the answer again", []step{
		{asks(1, 1, Acquire), "c1/1 #1 granted 1"},
		{asks(1, 1, Acquire), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{under(1, asks(1, 2, Release)), "c2/1 #1 granted 2, c1/1 #2 released"},
		{under(1, asks(1, 2, Release)), "c1/1 #2 released"},
		{under(2, asks(2, 2, Release)), "c3/1 #1 granted 3, c2/1 #2 released"},
		{asks(2, 1, Acquire), ""},
		{under(3, asks(3, 2, Release)), "c3/1 #2 released"},
	}, ""},
	{"tokens are one sequence for all locks", []step{
		{asks(1, 1, Try, "l2"), "c1/1 #1 granted 1"},
		{asks(2, 1, Try), "c2/1 #1 granted 2"},
		{under(1, asks(1, 2, Release, "l2")), "c1/1 #2 released"},
		{asks(2, 2, Try, "l2"), "c2/1 #2 granted 3"},
	}, "l1 c2/1 token 2, l2 c2/1 token 3"},
	{"a try that fails leaves nothing behind", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Try), "c2/1 #1 busy"},
		{under(1, asks(1, 2, Release)), "c1/1 #2 released"},
	}, ""},
	{"a holder that asks again is refused, and does not wait for itself", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(1, 2, Try), "c1/1 #2 already held"},
		{asks(1, 3, Acquire), "c1/1 #3 already held"},
		{under(1, asks(1, 4, Release)), "c1/1 #4 released"},
	}, ""},
	{"nobody gives back what is another's, or under an old token", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{under(1, asks(2, 1, Release)), "c2/1 #1 not owner"},
		{under(1, asks(1, 2, Release)), "c1/1 #2 released"},
		{under(1, asks(1, 3, Release)), "c1/1 #3 not owner"},
		{asks(1, 4, Try), "c1/1 #4 granted 2"},
		{under(1, asks(1, 5, Release)), "c1/1 #5 not owner"},
		{under(3, asks(1, 6, Release)), "c1/1 #6 not owner"},
		{asks(1, 7, Release), "c1/1 #7 not owner"},
	}, "l1 c1/1 token 2"},
	{"values are fenced by tokens", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{under(1, valued("a", asks(1, 2, Put))), "c1/1 #2 stored"},
		{under(1, valued("b", asks(2, 1, Put))), "c2/1 #1 not owner"},
		{under(1, asks(1, 3, Release)), "c1/1 #3 released"},
		{under(1, valued("c", asks(1, 4, Put))), "c1/1 #4 not owner"},
		{asks(1, 5, Try), `c1/1 #5 granted 2 "a"`},
		{under(1, valued("d", asks(1, 6, Put))), "c1/1 #6 not owner"},
		{under(2, valued("e", asks(1, 7, Put))), "c1/1 #7 stored"},
		{asks(2, 2, Acquire), "c2/1 #2 queued"},
		{closes(1), `c2/1 #2 granted 3 "e", c1/1 #7 ended, c1/1 #0 ended`},
	}, "l1 c2/1 token 3"},
	{"the grant comes before the cancel", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{under(1, asks(1, 2, Release)), "c2/1 #1 granted 2, c1/1 #2 released"},
		{asks(2, 1, Cancel), "c2/1 #1 granted 2"},
	}, "l1 c2/1 token 2"},
	{"the cancel comes before the grant", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{asks(2, 1, Cancel), "c2/1 #1 timed out"},
		{asks(2, 1, Cancel), "c2/1 #1 timed out"},
		{asks(2, 1, Acquire), "c2/1 #1 timed out"},
		{under(1, asks(1, 2, Release)), "c3/1 #1 granted 2, c1/1 #2 released"},
	}, "l1 c3/1 token 2"},
	{"the cancel comes before what it cancels", []step{
		{asks(2, 1, Cancel), "c2/1 #1 timed out"},
		{asks(2, 1, Acquire), "c2/1 #1 timed out"},
	}, ""},
	{"who cancels may wait again, behind the others", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{asks(2, 1, Cancel), "c2/1 #1 timed out"},
		{asks(2, 2, Acquire), "c2/1 #2 queued"},
		{under(1, asks(1, 2, Release)), "c3/1 #1 granted 2, c1/1 #2 released"},
		{under(2, asks(3, 2, Release)), "c2/1 #2 granted 3, c3/1 #2 released"},
	}, "l1 c2/1 token 3"},
	{"who has gone on to another request waits no longer", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(2, 2, Try, "l2"), "c2/1 #2 granted 2"},
		{under(1, asks(1, 2, Release)), "c1/1 #2 released"},
	}, "l2 c2/1 token 2"},
	{"a session's end passes all its locks on, as they were granted", []step{
		{asks(1, 1, Try, "l2"), "c1/1 #1 granted 1"},
		{asks(1, 2, Try), "c1/1 #2 granted 2"},
		{asks(1, 3, Try, "l3"), "c1/1 #3 granted 3"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire, "l2"), "c3/1 #1 queued"},
		{lapses(1), "c3/1 #1 granted 4, c2/1 #1 granted 5, c1/1 #3 ended, c1/1 #0 ended"},
		{lapses(1), "c1/1 #0 ended"},
		{under(3, asks(1, 4, Release, "l3")), "c1/1 #4 ended"},
	}, "l1 c2/1 token 5, l2 c3/1 token 4"},
	{"who waits in a session that has ended is passed over", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{closes(2), "c2/1 #1 ended, c2/1 #0 ended"},
		{under(1, asks(1, 2, Release)), "c3/1 #1 granted 2, c1/1 #2 released"},
	}, "l1 c3/1 token 2"},
	{"a lock whose queue is of the ended only is free", []step{
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{asks(2, 1, Acquire), "c2/1 #1 queued"},
		{asks(3, 1, Acquire), "c3/1 #1 queued"},
		{closes(2), "c2/1 #1 ended, c2/1 #0 ended"},
		{lapses(3), "c3/1 #1 ended, c3/1 #0 ended"},
		{under(1, asks(1, 2, Release)), "c1/1 #2 released"},
		{asks(1, 3, Try), "c1/1 #3 granted 2"},
	}, "l1 c1/1 token 2"},
	{"a session is opened once", []step{
		{opens(1), "c1/1 #0 opened"},
		{asks(1, 1, Try), "c1/1 #1 granted 1"},
		{opens(1), "c1/1 #0 opened"},
		{closes(1), "c1/1 #1 ended, c1/1 #0 ended"},
		{opens(1), "c1/1 #0 ended"},
		{asks(1, 2, Try), "c1/1 #2 ended"},
	}, ""},
}

func TestWhatTablesDo(t *testing.T) {
	for _, s := range tables {
		t.Run(s.name, func(t *testing.T) {
			table := opened(3)
			for _, step := range s.steps {
				if got := says(table, step.r); got != step.says {
					t.Errorf("%s: %q, want %q", step.r.Summary(), got, step.says)
				}
			}
			if got := heldByName(table); got != s.held {
				t.Errorf("in the end %q is held, want %q", got, s.held)
			}
		})
	}
}

// opened is a table with the first sessions of so many clients.
func opened(clients int) *Table {
	t := NewTable()
	for i := range clients {
		says(t, opens(i+1))
	}
	return t
}

// says carries a command out and lists what the table says.
func says(t *Table, r Request) string {
	var all []string
	for _, e := range t.Apply(1, appendCommand(nil, &r)).([]event) {
		text := fmt.Sprintf("%s #%d %v", e.session.String(), e.n, e.status)
		if e.token != 0 {
			text += fmt.Sprintf(" %d", e.token)
		}
		if e.value != "" {
			text += fmt.Sprintf(" %q", e.value)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// heldByName is what the view shows, in the order of locks.
func heldByName(t *Table) string {
	all := strings.Split(t.held(), ", ")
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// A place in a queue that was given up takes no room.
func TestCancelLeavesTheQueue(t *testing.T) {
	table := opened(2)
	says(table, asks(1, 1, Try))
	for n := uint64(1); n <= 5; n++ {
		says(table, asks(2, n, Acquire))
		says(table, asks(2, n, Cancel))
	}
	if queue := table.locks["l1"].queue; len(queue) > 0 {
		t.Errorf("%d requests are in the queue, and all were cancelled", len(queue))
	}
}

// Invariants are shown who did what to which lock.
func TestDeedsOfATable(t *testing.T) {
	table := opened(3)
	for _, r := range []Request{
		asks(1, 1, Try), under(1, valued("a", asks(1, 2, Put))), asks(2, 1, Acquire), asks(3, 1, Acquire),
		under(9, asks(3, 2, Release)), lapses(1), under(2, asks(2, 2, Release)),
	} {
		says(table, r)
	}
	at := func(owner SessionID, token uint64, value string) invariant.State {
		return invariant.State{Owner: owner, Token: token, Value: value}
	}
	nobody := SessionID{}
	first, second, third := at(c(1), 1, ""), at(c(1), 1, "a"), at(c(2), 2, "a")
	want := []invariant.Deed{
		{Kind: invariant.Grant, Lock: "l1", By: c(1), Before: at(nobody, 0, ""), After: first},
		{Kind: invariant.Write, Lock: "l1", By: c(1), Before: first, After: second},
		{Kind: invariant.Refuse, Lock: "l1", By: c(2), Before: second, After: second},
		{Kind: invariant.Refuse, Lock: "l1", By: c(3), Before: second, After: second},
		{Kind: invariant.Refuse, Lock: "l1", By: c(3), Before: second, After: second},
		{Kind: invariant.Lapse, Lock: "l1", Before: second, After: at(nobody, 1, "a")},
		{Kind: invariant.Grant, Lock: "l1", By: c(2), Before: at(nobody, 1, "a"), After: third, Queue: []SessionID{c(2)}},
		{Kind: invariant.Release, Lock: "l1", By: c(2), Before: third, After: at(nobody, 2, "a")},
	}
	if got := fmt.Sprint(table.deeds); got != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
