package raft

import (
	"fmt"
	"slices"

	"distsim/sim"
)

// image is what a node's file says.
type image struct {
	term    Term
	vote    sim.NodeID
	entries []Entry
	mark    int    // the highest sync mark
	end     int    // where the good frames end
	sum     uint32 // checksum of the last one
	damage  string // why they end there, "" if the file does
}

// recover takes up the state on the disk. It reports false when the file is
// corrupt: the node does not start, because what it promised may be in the part
// that is lost.
func (n *Node) recover() bool {
	d := &n.disk
	n.adopt()
	d.file = n.env.File(logName)
	file, err := d.file.Read()
	if err != nil {
		n.env.Fatal("the log cannot be read: %v", err)
		return false
	}
	im, err := readImage(file)
	if err != nil {
		n.env.Fatal("%v", err)
		return false
	}
	d.isNew = im.mark == 0 // no mark says that its name has ever been made durable
	n.term, n.vote = im.term, im.vote
	n.log.append(im.entries...)
	n.log.unsaved = n.log.last() + 1
	d.term, d.vote = im.term, im.vote
	d.end, d.sum, d.mark, d.durable = im.end, im.sum, im.mark, im.mark
	n.mend(im, file)
	return true
}

// mend drops a torn tail and writes again what no sync is known to cover: it
// may have been read from memory that the disk has yet to see.
func (n *Node) mend(im image, file []byte) {
	d := &n.disk
	if im.damage != "" {
		n.env.Logf("dropped a torn tail of %d bytes at byte %d of the log: %s", d.file.Size()-im.end, im.end, im.damage)
		n.must(d.file.Truncate(im.end))
	}
	if im.mark < im.end {
		n.must(d.file.WriteAt(im.mark, slices.Clone(file[im.mark:im.end])))
	}
	if d.isNew {
		n.renew()
	}
	if im.damage != "" || im.mark < im.end {
		n.sync()
		n.env.Send(n.self, durable{n.term, n.log.last(), d.end})
	}
}

// The log's name, and the one that it has in between when it is given anew.
const logName, between = "log", "log.renamed"

// renew gives the log its name anew. A SyncDir that has failed leaves a name that
// is there and that no later SyncDir saves (the fsync surprise, for names): only a
// new one is. Both renames are of one file, so whatever a crash keeps of them, its
// content is safe, and its name one of two.
func (n *Node) renew() {
	if n.disk.file.Exists() {
		n.env.Rename(logName, between)
		n.env.Rename(between, logName)
	}
}

// adopt finds the log if a crash came between the two renames.
func (n *Node) adopt() {
	if !n.env.File(logName).Exists() {
		n.env.Rename(between, logName)
	}
}

// readImage reads a whole file. Damage below the highest sync mark is
// corruption, an error. Any other is a tail that was never durable.
func readImage(file []byte) (image, error) {
	var im image
	for im.end < len(file) && im.damage == "" {
		f, damage := nextFrame(file, im.end, im.sum)
		if damage != "" {
			im.damage = damage
			break
		}
		if err := im.replay(f.payload); err != nil {
			return im, fmt.Errorf("the log is corrupt at byte %d: %w", im.end, err)
		}
		im.mark, im.end, im.sum = max(im.mark, f.mark), f.end, f.sum
	}
	if im.damage == "" {
		return im, nil
	}
	if mark := max(im.mark, highestMark(file, im.end+1)); im.end < mark {
		return im, fmt.Errorf("the log is corrupt at byte %d: %s, but everything up to byte %d was durable",
			im.end, im.damage, mark)
	}
	return im, nil
}

// highestMark looks for frames behind damage and what they say was durable.
func highestMark(file []byte, from int) (mark int) {
	for at := from; at+headerSize <= len(file); at++ {
		if f, _, damage := readFrame(file, at); damage == "" {
			mark = max(mark, f.mark)
		}
	}
	return mark
}

// replay takes over the records of one frame.
func (im *image) replay(payload []byte) error {
	for len(payload) > 0 {
		r, rest, ok := readRecord(payload)
		switch {
		case !ok:
			return fmt.Errorf("a frame with a good checksum holds no records")
		case r.Index == 0:
			im.term, im.vote = r.Term, r.vote
		case r.Index > Index(len(im.entries))+1:
			return fmt.Errorf("entry %d follows entry %d", r.Index, len(im.entries))
		default:
			r.Command = slices.Clone(r.Command)
			im.entries = append(im.entries[:r.Index-1], r.Entry)
		}
		payload = rest
	}
	return nil
}
