package spec_test

import (
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history/ops"
)

// decide is how a broken service decides.
type decide = func(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult)

// brokenServices are the mistakes that a lock must not make, and the anomaly by which each
// must be called at least now and then. A function makes a new service of the kind.
var brokenServices = []struct {
	name    string
	anomaly string
	open    func() decide
}{
	{"none", "", func() decide { return nil }},
	{"the lock is granted while it is held", "two holders", func() decide { return grantsAnyway }},
	{"a failed try takes the owner's place", "holder refused", func() decide { return takesPlace }},
	{"the holder is granted it again", "granted to its holder", func() decide { return reenters }},
	{"anybody may release", "released by another", func() decide { return anybodyReleases }},
	{"every third token is used twice", "token not increasing", repeatsTokens},
	{"a release is forgotten", "busy although free", func() decide { return forgetsRelease }},
	{"inspections of a replica that is behind", "stale inspect", staleReplica},
	{"no hold outlives its first inspection", "free although held", func() decide { return inspectsToDeath }},
}

func grantsAnyway(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	if now.Owner != by && (in.Kind == ops.Try || in.Kind == ops.Acquire) {
		now.Owner = Caller{}
	}
	return now.Decide(by, in)
}

func takesPlace(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	next, out := now.Decide(by, in)
	if out.Answer == ops.Busy {
		next.Owner = by
	}
	return next, out
}

func reenters(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	if now.Owner == by && (in.Kind == ops.Try || in.Kind == ops.Acquire) {
		now.Owner = Caller{}
	}
	return now.Decide(by, in)
}

func anybodyReleases(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	if now.Token == in.Token && now.Owner != (Caller{}) {
		by = now.Owner
	}
	return now.Decide(by, in)
}

func repeatsTokens() decide {
	grants := 0
	return func(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
		next, out := now.Decide(by, in)
		if out.Answer != ops.Granted {
			return next, out
		}
		if grants++; grants%3 == 0 && now.Token > 0 {
			next.Token = now.Token
		}
		return next, Grant(next.Token)
	}
}

// forgetsRelease says that it is done, and goes on as if somebody held the lock.
func forgetsRelease(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	next, out := now.Decide(by, in)
	if out.Answer == ops.Released && now.Token%3 == 2 {
		next.Owner = Caller{Client: -1}
	}
	return next, out
}

// staleReplica answers inspections with what was so two changes ago.
func staleReplica() decide {
	past := make([]LockState, 2)
	return func(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
		if in.Kind == ops.Inspect {
			_, out := past[len(past)-2].Decide(by, in)
			return now, out
		}
		next, out := now.Decide(by, in)
		if next != now {
			past = append(past, next)
		}
		return next, out
	}
}

// inspectsToDeath loses a hold that somebody looks at.
func inspectsToDeath(now LockState, by Caller, in ops.Lock) (LockState, ops.LockResult) {
	if in.Kind == ops.Inspect {
		now.Owner = Caller{}
	}
	return now.Decide(by, in)
}

func TestBrokenLockServicesAreFound(t *testing.T) {
	for _, c := range brokenServices {
		t.Run(c.name, func(t *testing.T) {
			verdicts, anomalies := map[checker.Verdict]int{}, map[string]int{}
			for seed := range uint64(60) {
				h, ended := locking(LockShape{
					Clients: 4, Locks: 1, Ops: 80, Inspects: 20, Doubt: 4, Failed: 4, Lapses: 3, Broken: c.open(),
				}, seed)
				r := judgeLocks(t, h, ended, spec.Lock())
				verdicts[r.Verdict]++
				anomalies[r.Anomaly]++
			}
			if c.anomaly == "" && verdicts[checker.Holds] != 60 {
				t.Errorf("a correct service: %v, want 60 times holds: %v", verdicts, anomalies)
			}
			if c.anomaly != "" && (verdicts[checker.Violated] < 20 || anomalies[c.anomaly] < 10) {
				t.Errorf("%v, want 20 violated at least; called %q %d times, want 10 at least: %v",
					verdicts, c.anomaly, anomalies[c.anomaly], anomalies)
			}
			t.Log(verdicts, anomalies)
		})
	}
}

// The same services, so small that brute force can judge them: it must find the same
// histories impossible.
func TestBrokenLockServicesAreFoundWhereBruteForceFindsThem(t *testing.T) {
	for _, c := range brokenServices {
		found := 0
		for seed := range uint64(150) {
			shape := SmallLocks(seed)
			shape.Lies, shape.Broken = 0, c.open()
			h, ended := locking(shape, seed)
			got, want := judgeLocks(t, h, ended, spec.Lock()).Verdict, bruteLocks(h, ended)
			if got != want {
				t.Fatalf("%s, seed %d: %v, brute force says %v: %v", c.name, seed, got, want, h)
			}
			if got == checker.Violated {
				found++
			}
		}
		if (found > 0) != (c.anomaly != "") {
			t.Errorf("%s: %d of 150 histories are impossible", c.name, found)
		}
	}
}
