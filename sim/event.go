package sim

import "time"

// event is one entry of the queue: a message on its way, a timer, a finished
// sync, a boot or an action from outside. It fills a cache line.
type event struct {
	msg   Message
	cause uint64 // the send record, the sync record, …
	call  uint64 // the caller's call number, 0 for a plain message
	k     uint64 // the identity's counter; timers: generation; syncs: number of the sync
	from  NodeID
	to    NodeID
	inc   uint32 // incarnation the event belongs to; messages of a stream between machines: its epoch
	typ   int32  // index of the name; timers: of the timer
	part  uint16
	kind  eventKind
	copy  uint8
	reply bool
	harm  harm
}

type eventKind uint8

const (
	evDeliver eventKind = iota + 1
	evTimer
	evSynced
	evBoot
	evResume
	evReady // a step that took time is over
	evControl
	evNothing // what was here waits elsewhere
)

func timeDuration(ns int64) time.Duration { return time.Duration(ns) }
