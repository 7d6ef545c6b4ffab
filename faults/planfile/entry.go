package planfile

import (
	"cmp"
	"errors"
	"strings"

	"distsim/faults"
	"distsim/sim"
)

// entries reads the list of faults.
func (d *decoder) entries(n *node) []faults.Entry {
	out := []faults.Entry{} // none is not the same as drawn
	if n.shape == scalar && n.text == "drawn" {
		return nil
	}
	if n.shape == scalar {
		d.fail(n, "faults is %s; want a list, [] for none, or drawn from the seed", show(n.text))
		return out
	}
	for _, x := range d.items(n, "faults") {
		out = append(out, d.entry(x))
	}
	return out
}

// entry reads one fault, when it strikes and for how long.
func (d *decoder) entry(n *node) faults.Entry {
	before := len(d.errs)
	f := d.mapping(n, "this fault")
	e := faults.Entry{Fault: f.fault()}
	at, after, moment, lasts := f.take("at"), f.take("after"), f.take("moment"), f.take("for")
	switch {
	case at != nil && after != nil:
		d.fail(after, "at and after are both there; a fault strikes at a time or after an event: keep one")
	case at != nil:
		e.At = d.instant(at, "at")
	case after != nil:
		e.After = d.event(after, "after")
	case len(d.errs) == before:
		d.fail(n, "it is not said when this fault strikes; write at: 1.5s, or after: {…}")
	}
	if moment != nil {
		e.Moment = d.moment(moment)
	}
	if lasts != nil {
		if e.For = d.duration(lasts, "for", false); e.For == 0 && len(d.errs) == before {
			d.fail(lasts, "for is 0s; leave it out for a fault that lasts until the chaos is over")
		}
	}
	f.done()
	if len(d.errs) == before {
		if err := e.Check(); err != nil {
			d.failEntry(n, e.Fault.Kind(), err)
		}
	}
	return e
}

// failEntry reports what is wrong with an entry, where it says so. A field that is there
// and is nothing, such as by: 0s, is not missing.
func (d *decoder) failEntry(n *node, kind faults.Kind, err error) {
	at := n.reach(faults.PathOf(kind, err)...)
	var field *faults.FieldError
	if errors.As(err, &field) && field.Why == "" && field.Got == "" && at.shape == scalar {
		d.fail(at, "%s: %s is %s; write %s", kind, field.Field, cmp.Or(at.text, `""`), field.Want)
		return
	}
	d.fail(at, "%s: %v", kind, err)
}

// moment reads the one key that names a kind of instant, and its message or timer.
func (d *decoder) moment(n *node) faults.Moment {
	f := d.mapping(n, "moment")
	var out faults.Moment
	for _, of := range sim.Moments() {
		name := f.take(of.String())
		switch {
		case name == nil:
			continue
		case out.Of != 0:
			d.fail(name, "a fault waits for one moment, and there is %v already", out.Of)
			continue
		}
		out.Of = of
		if text, _ := d.text(name, of.String()); text != "any" {
			out.Name = text
		}
	}
	f.done()
	if out.Of == 0 && n.shape == mapping && len(n.pairs) == 0 {
		d.fail(n, "moment names nothing; write {syncing: any}, {synced: raft.VoteReply} or {timeout: any}")
	}
	return out
}

// fault reads the one key that names a kind of fault, and its fields.
func (f *fields) fault() faults.Fault {
	var out faults.Fault
	for _, proto := range faults.All() {
		kind := string(proto.Kind())
		n := f.take(kind)
		switch {
		case n == nil:
			continue
		case out != nil:
			f.d.fail(n, "there is one fault here already (%s); another begins with a dash: - %s: {…}", out.Kind(), kind)
			continue
		}
		in := f.d.mapping(n, kind)
		out = proto.Fields(filler{in, proto})
		in.done()
	}
	if out == nil {
		f.noFault()
	}
	return out
}

// noFault says what the first key that is none of a fault's should have been.
func (f *fields) noFault() {
	if f.none || len(f.taken) > 0 { // its kind is there, without fields
		return
	}
	kinds := f.asked
	for _, p := range f.at.pairs {
		switch p.key.text {
		case "at", "after", "moment", "for":
		default:
			f.taken = append(f.taken, p.key.text)
			f.d.fail(p.key, "there is no fault called %s; %s", show(p.key.text), suggestion(p.key.text, kinds))
			return
		}
	}
	f.d.fail(f.at, "there is no fault here; write one of %s", strings.Join(kinds, ", "))
}
