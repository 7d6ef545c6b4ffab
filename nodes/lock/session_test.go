package lock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"distsim/sim"
)

func TestASessionFindsItsLeader(t *testing.T) {
	d := newDesk(t, Config{})
	d.locks().Try("l1")
	d.pass(time.Millisecond)
	d.wants("the first", d.hears(2), "c1/1 open #0 in term 0")
	d.refuses(2, 0, 1, 3)
	d.pass(time.Millisecond)
	d.wants("the leader", d.hears(1), "c1/1 open #0 in term 3")
	d.reply(1, 0, Opened, 0)
	d.pass(time.Millisecond)
	d.wants("the leader", d.hears(1), "c1/1 try l1 #1 in term 3")
	d.refuses(1, 1, 3, 4)
	d.pass(time.Millisecond)
	d.wants("the next leader", d.hears(3), "c1/1 try l1 #1 in term 4")
	d.refuses(1, 1, 1, 3) // is late
	d.pass(100 * time.Millisecond)
	d.reply(3, 1, Granted, 7)
	d.answered(Answer{Verb: Try, Status: Granted, Token: 7})
	if g, ok := d.locks().Held("l1"); !ok || g.Token != 7 {
		t.Errorf("holds %v, %v", g, ok)
	}
}

// Until somebody is found who may lead, nothing can have happened.
func TestWhatNobodyTookIsRefused(t *testing.T) {
	t.Run("no session", func(t *testing.T) {
		d := newDesk(t, Config{})
		d.locks().Try("l1")
		d.pass(4 * time.Second)
		d.answered(Answer{Verb: Try, Status: Refused})
	})
	t.Run("the leader is lost before it is asked", func(t *testing.T) {
		d := newDesk(t, Config{TTL: time.Minute})
		d.granted()
		d.user.answers = nil
		d.locks().target = sim.Server(2) // after a renewal was lost
		d.locks().Try("l2")
		for range 200 {
			d.pass(20 * time.Millisecond)
			for i := 2; i <= 3; i++ {
				if d.hears(i) != "" {
					d.refuses(i, 2, 0, 0)
				}
			}
			if d.hears(1) != "" {
				return // it has asked the leader of its term
			}
		}
		t.Error("the leader is never asked")
	})
}

// An attempt that the leader of its term may have had is in doubt whatever refusals come
// later: they may be copies, or answer copies.
func TestRefusalsDoNotSettleWhatALeaderMayHaveDone(t *testing.T) {
	for _, s := range []struct {
		name string
		then func(d *desk)
	}{
		{"no answer", func(d *desk) {}},
		{"another copy of the attempt came after the reign", func(d *desk) { d.refuses(1, 1, 0, 0) }},
		{"a refusal comes twice", func(d *desk) {
			d.refuses(1, 1, 3, 2)
			d.pass(time.Millisecond)
			d.refuses(1, 1, 3, 2)
		}},
		{"a new leader that is gone, too", func(d *desk) {
			d.refuses(1, 1, 3, 2)
			d.pass(time.Millisecond)
			d.refuses(3, 1, 0, 0)
		}},
		{"in doubt, then refused", func(d *desk) {
			d.reply(1, 1, InDoubt, 0)
			d.refuses(2, 1, 0, 0)
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			d := newDesk(t, Config{TTL: time.Minute})
			d.leads()
			s.then(d)
			for range 200 {
				d.pass(20 * time.Millisecond)
				for i := 1; i <= 3; i++ {
					if d.hears(i) != "" {
						d.refuses(i, 1, 0, 0)
					}
				}
			}
			d.answered(Answer{Verb: Try, Status: InDoubt})
			if d.user.lapsed != 1 || d.locks().Left() != 0 {
				t.Errorf("the session goes on after a request in doubt: %d lapses, %v left", d.user.lapsed, d.locks().Left())
			}
		})
	}
}

// A read has no effect, so nothing can be in doubt about it, and the session stays.
func TestReadsAreNeverInDoubt(t *testing.T) {
	d := newDesk(t, Config{TTL: time.Minute})
	d.granted()
	d.user.answers = nil
	d.locks().Inspect("l1")
	d.pass(10 * time.Second)
	d.answered(Answer{Verb: Inspect, Status: Refused})
	if _, ok := d.locks().Held("l1"); !ok {
		t.Error("the session is over")
	}
}

// A lease counts from when it was asked for, whenever the answer comes.
func TestLeasesCountFromTheAsking(t *testing.T) {
	cfg := Config{TTL: time.Second, Drift: 50_000}
	view := cfg.View()
	d := newDesk(t, cfg)
	d.locks().Try("l1")
	d.pass(200 * time.Millisecond) // it asks again meanwhile, in vain
	d.reply(2, 0, Opened, 0)
	left := func(want time.Duration) {
		t.Helper()
		if got := d.locks().Left(); got != want {
			t.Errorf("at %v: %v left, want %v", time.Duration(d.Now()), got, want)
		}
	}
	left(view - 201*time.Millisecond)
	d.says(2, &Kept{Session: d.session(), Sent: int64(201 * time.Millisecond), Status: Renewed})
	left(view - time.Millisecond)
	d.pass(300 * time.Millisecond)
	d.says(2, &Kept{Session: d.session(), Sent: int64(100 * time.Millisecond), Status: Renewed}) // an earlier one is late
	left(view - 302*time.Millisecond)
	d.reply(2, 1, Granted, 7)
	d.pass(view - 304*time.Millisecond)
	if _, ok := d.locks().Held("l1"); !ok || d.user.lapsed > 0 {
		t.Error("the lease ends before its time")
	}
	d.pass(time.Millisecond)
	if _, ok := d.locks().Held("l1"); ok || d.user.lapsed != 1 {
		t.Error("the lease goes on after its time")
	}
}

// A session that was opened long ago, as it turns out, is over before it begins.
func TestASessionThatIsOpenedTooLate(t *testing.T) {
	cfg := Config{TTL: 200 * time.Millisecond}
	d := newDesk(t, cfg)
	d.locks().Try("l1")
	d.pass(cfg.View())
	d.reply(2, 0, Opened, 0)
	d.answered(Answer{Verb: Try, Status: Refused})
	if d.user.lapsed != 1 || d.locks().Left() > 0 {
		t.Errorf("%d lapses, %v left", d.user.lapsed, d.locks().Left())
	}
}

// What comes for a session that is over says nothing to the next one.
func TestLateAnswersToAnEarlierSession(t *testing.T) {
	d := newDesk(t, Config{TTL: time.Second})
	d.granted()
	first := d.session()
	d.says(1, &Kept{Session: first, Sent: 0, Status: Ended})
	if _, ok := d.locks().Held("l1"); ok || d.user.lapsed != 1 {
		t.Error("the session goes on")
	}
	d.pass(500 * time.Millisecond)
	d.locks().Try("l1")
	d.pass(time.Millisecond)
	d.reply(1, 0, Opened, 0)
	left := d.locks().Left()
	d.says(1, &Kept{Session: first, Sent: int64(d.Now()), Status: Renewed})
	d.says(1, &Kept{Session: first, Sent: int64(d.Now()), Status: Ended})
	d.says(1, &Reply{Session: first, N: 1, Status: Granted, Token: 7})
	d.says(1, &Reply{Session: first, N: 1, Status: Ended})
	if got, want := d.locks().Left(), left-4*time.Millisecond; got != want {
		t.Errorf("%v left, want %v", got, want)
	}
	if _, ok := d.locks().Held("l1"); ok || len(d.user.answers) != 1 {
		t.Errorf("holds l1: %v, answers %v", ok, d.user.answers)
	}
}

func TestCloseGivesBack(t *testing.T) {
	d := newDesk(t, Config{TTL: time.Second})
	d.granted()
	d.locks().Close()
	if _, ok := d.locks().Held("l1"); ok || d.locks().Left() != 0 {
		t.Error("it still holds l1")
	}
	d.pass(time.Millisecond)
	d.wants("the leader", d.hears(1), "c1/1 close #0 in term 1")
	if d.user.lapsed != 0 {
		t.Error("it lapses, though it was closed")
	}
	d.pass(3 * time.Second)
	d.wants("the leader", d.hears(1)+d.hears(2)+d.hears(3), "")
}

// Whoever has waited long enough asks the service for the last word.
func TestTheServiceHasTheLastWordOnAWait(t *testing.T) {
	for _, last := range []Status{Granted, TimedOut} {
		d := newDesk(t, Config{TTL: 10 * time.Second})
		d.servers[0].keeps = true
		d.granted()
		d.user.answers = nil
		d.locks().Acquire("l2", 400*time.Millisecond)
		d.pass(time.Millisecond)
		d.wants("the leader", d.hears(1), "c1/1 acquire l2 #2 in term 1")
		d.reply(1, 2, Queued, 0)
		d.pass(397 * time.Millisecond)
		d.wants("the leader", d.hears(1), "") // it is queued, so nothing is repeated
		d.pass(time.Millisecond)
		d.wants("the leader", d.hears(1), "")
		d.pass(time.Millisecond)
		d.wants("the leader", d.hears(1), "c1/1 cancel l2 #2 in term 1")
		d.answered()
		d.reply(1, 2, last, 0)
		d.answered(Answer{Verb: Acquire, Lock: "l2", Status: last})
	}
}

// The lease of a user that hears nothing ends in the middle of its request.
func TestTheLeaseEndsUnderARequest(t *testing.T) {
	d := newDesk(t, Config{TTL: time.Second})
	d.granted()
	d.user.answers = nil
	d.locks().Release("l1", 7)
	d.pass(time.Second)
	d.answered(Answer{Verb: Release, Status: InDoubt})
	if d.user.lapsed != 1 {
		t.Errorf("%d lapses, want 1", d.user.lapsed)
	}
}

func TestOneRequestAtATime(t *testing.T) {
	d := newDesk(t, Config{})
	d.leads()
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "c1 asks before its last request is answered") {
			t.Errorf("got %s", text)
		}
	}()
	d.locks().Try("l2")
}

// Each answer settles what is held.
func TestWhatAnswersDoToGrants(t *testing.T) {
	for _, s := range []struct {
		status Status
		token  uint64
		holds  bool
	}{{Released, 7, false}, {NotOwner, 7, false}, {NotOwner, 6, true}} {
		d := newDesk(t, Config{TTL: time.Minute})
		d.granted()
		d.locks().Release("l1", s.token)
		d.reply(1, 2, s.status, 0)
		if _, ok := d.locks().Held("l1"); ok != s.holds {
			t.Errorf("%v under token %d: holds l1 %v, want %v", s.status, s.token, ok, s.holds)
		}
	}
}

// Who waits in line hears of another leader by the renewal of its lease, and asks there
// at once: a new leader knows who waits, and not where.
func TestARenewalByAnotherLeaderRepeatsWhatIsUnderWay(t *testing.T) {
	d := newDesk(t, Config{})
	d.leads()
	d.reply(1, 1, Busy, 0)
	d.locks().Acquire("l1", 10*time.Second)
	d.pass(time.Millisecond)
	d.wants("the leader", d.hears(1), "c1/1 acquire l1 #2 in term 1")
	d.reply(1, 2, Queued, 0)
	d.says(3, &Kept{Session: d.session(), Sent: int64(d.Now()), Status: Renewed, Leader: sim.Server(3), Term: 2})
	d.pass(time.Millisecond)
	d.wants("the next leader", d.hears(3), "c1/1 acquire l1 #2 in term 2")
	d.says(3, &Kept{Session: d.session(), Sent: int64(d.Now()), Status: Renewed, Leader: sim.Server(3), Term: 2})
	d.pass(time.Millisecond)
	d.wants("the next leader, once more", d.hears(3), "")
}

// A lock that is being given back is not held any more. If nobody can be told, the session
// ends: as long as it lives, nobody else gets the lock.
func TestAReleaseThatIsRefusedEndsTheSession(t *testing.T) {
	d := newDesk(t, Config{TTL: time.Minute, Patience: time.Second})
	d.granted()
	d.locks().leader = 0 // nobody leads: no attempt can have reached a leader
	d.locks().Release("l1", 7)
	if _, held := d.locks().Held("l1"); held {
		t.Error("the lock is held while it is given back")
	}
	d.pass(time.Second + time.Millisecond)
	if d.user.lapsed != 1 || d.locks().Left() > 0 {
		t.Errorf("lapsed %d times, the session lasts for %v; want it over", d.user.lapsed, d.locks().Left())
	}
	ends := d.hears(2) + d.hears(3) + d.hears(1)
	if !strings.Contains(ends, "close") {
		t.Errorf("the servers hear %s, and no close", ends)
	}
}
