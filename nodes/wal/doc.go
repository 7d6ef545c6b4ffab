// Package wal is a write-ahead log: an append-only file of records of which what
// was synced survives a crash, and is found again or missed aloud.
//
// A node writes down what it is about to promise, starts the sync, and says it:
// the kernel lets the message go when the disk is done.
//
//	b := s.log.Begin()
//	b = appendPrepared(b, tx) // records, in an encoding of the node's own
//	s.log.Append(b)
//	s.log.Sync()
//	env.Send(self, durable{s.log.End()}) // the notice; comes when the file is durable so far
//	env.Send(coordinator, yes)           // the promise; leaves no earlier
//	…
//	case durable:
//		s.log.Marked(m.End)
//
// and when it boots it reads what it had written:
//
//	mended, ok := s.log.Open(env, "log", s.replay)
//
// What it keeps: every record that was durable comes back, in order, before any
// that was not; a frame comes back whole or not at all. A tail that a crash tore
// is dropped. Damage to what is known to have been durable is corruption, and the
// node refuses to start: what it promised may be in the part that is lost. What is
// read back is durable before anything else is sent. A file whose name may not
// be durable is given its name anew. A disk that refuses a write or a sync ends
// the process (Env.Fatal) and is not trusted any further: what a failed sync
// covered, no later sync saves.
//
// What it does not: it sends nothing and sets no timer; when to sync, and what a
// notice means, is the node's to say. Nothing removes the file's beginning, which
// grows for ever, up to 2 GiB. The file is known to have been durable only as far as
// a later frame says so, its mark: damage to the last frames is taken for a torn
// tail until Seal or the next Append has marked them.
//
// The file is a chain of frames. One frame is what one Append writes:
//
//	0   size of the frame in bytes, header included
//	4   at: where in the file it begins
//	8   mark: the file was durable up to here when the frame was written
//	12  checksum of the frame before it, 0 for the first
//	16  checksum of this frame: of bytes 0…15 and of the payload
//	20  payload: records; without any, the frame is only a mark
//
// All numbers are 32 bits, little-endian; checksums are CRC-32 (IEEE).
//
// Contents: wal.go writing · recovery.go opening · frame.go one frame · reader.go
// the durable part, for invariants · package record numbers and bytes of records.
package wal
