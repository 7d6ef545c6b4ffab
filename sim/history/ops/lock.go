package ops

import (
	"fmt"
	"strconv"
	"time"
)

// LockKind says what an operation asks of a lock.
type LockKind uint8

const (
	Try     LockKind = iota + 1 // take the lock if it is free
	Acquire                     // take the lock, and wait for it if need be
	Release                     // give it back
	Inspect                     // ask whether it is held, and under which token
)

var lockKindNames = [...]string{"", "try", "acquire", "release", "inspect"}

// String names the kind in lower case.
func (k LockKind) String() string { return lockKindNames[k] }

// Lock is one operation on one lock.
type Lock struct {
	Kind  LockKind
	Name  string        // of the lock
	Token uint64        // Release: the one it was granted with
	Wait  time.Duration // Acquire: how long at most
}

// String prints the operation as a call: acquire(l1,2s), release(l1,7).
func (l Lock) String() string {
	switch {
	case l.Kind == Release && l.Token != 0:
		return fmt.Sprintf("release(%s,%d)", l.Name, l.Token)
	case l.Kind == Acquire:
		return fmt.Sprintf("acquire(%s,%v)", l.Name, l.Wait)
	default:
		return fmt.Sprintf("%v(%s)", l.Kind, l.Name)
	}
}

// LockAnswer says what became of an operation on a lock.
type LockAnswer uint8

const (
	Granted     LockAnswer = iota + 1 // Try, Acquire: the caller holds the lock, under Token
	Busy                              // Try: another holds it
	TimedOut                          // Acquire: it did not become free in time, and the caller waits no longer
	AlreadyHeld                       // Try, Acquire: the caller holds it already, and so is refused
	Released                          // Release: the caller held it, and no longer does
	NotOwner                          // Release: the caller does not hold it under that token
	Seen                              // Inspect: Token is the holder's, 0 if nobody holds it
)

var lockAnswerNames = [...]string{"", "granted", "busy", "timed out", "already held", "released", "not owner", "seen"}

// String names the answer in lower case.
func (a LockAnswer) String() string { return lockAnswerNames[a] }

// LockResult is the answer to an operation on a lock.
type LockResult struct {
	Answer LockAnswer
	Token  uint64 // Granted: larger than any before it; Seen
}

// String prints the answer: granted 7, busy, free, held 7.
func (r LockResult) String() string {
	switch {
	case r.Answer == Seen && r.Token == 0:
		return "free"
	case r.Answer == Seen:
		return "held " + strconv.FormatUint(r.Token, 10)
	case r.Answer == Granted && r.Token != 0:
		return "granted " + strconv.FormatUint(r.Token, 10)
	default:
		return r.Answer.String()
	}
}
