package planfile

import (
	"distsim/faults"
	"distsim/sim"
)

// Decode reads a plan. name is the file's name for messages. The error, if any,
// is an *Error, or Errors when there are several.
func Decode(name string, data []byte) (faults.Plan, error) {
	root, err := parse(name, data)
	if err != nil {
		return faults.Plan{}, err
	}
	if root == nil {
		return faults.Plan{}, &Error{name, 1, 1, "the file is empty; a plan begins with version: 1"}
	}
	d := &decoder{file: name}
	p := d.plan(root)
	if len(d.errs) == 0 {
		if err := p.Check(); err != nil {
			d.fail(root.reach(faults.PathOf("", err)...), "%v", err)
		}
	}
	return p, d.result()
}

// result is the errors found, in the order of the file.
func (d *decoder) result() error {
	switch n := len(d.errs); {
	case n == 0:
		return nil
	case n == 1:
		return d.errs[0]
	}
	sortErrors(d.errs)
	return d.errs[:min(len(d.errs), maxErrors)]
}

func (d *decoder) plan(root *node) faults.Plan {
	f := d.mapping(root, "a plan")
	if root.shape != mapping {
		return faults.Plan{}
	}
	p := faults.Plan{Version: d.version(f)}
	if p.Version != faults.Version { // another version may have other keys
		return p
	}
	if n := f.need("scenario", "raft"); n != nil {
		p.Scenario, _ = d.text(n, "scenario")
	}
	if n := f.take("params"); n != nil {
		p.Params = d.params(n)
	}
	if n := f.need("seed", "1"); n != nil {
		p.Seed = d.natural(n, "seed", 0)
	}
	if n := f.take("faults"); n != nil {
		p.Faults = d.entries(n)
	}
	if n := f.take("overrides"); n != nil {
		p.Overrides = d.overrides(n)
	}
	if n := f.take("workload"); n != nil {
		p.Workload = d.workload(n)
	}
	if n := f.take("reseed"); n != nil {
		p.Reseed = d.reseed(n)
	}
	if n := f.take("expect"); n != nil {
		p.Expect = d.expect(n)
	}
	f.done()
	return p
}

func (d *decoder) version(f *fields) int {
	n := f.need("version", "1")
	if n == nil {
		return 0
	}
	v := d.natural(n, "version", 1)
	if v != faults.Version && len(d.errs) == 0 {
		d.fail(n, "this is version %d of the plan format; this build reads version %d", v, faults.Version)
	}
	return int(min(v, 1<<30))
}

// params keeps values as they are written; the scenario knows their types.
func (d *decoder) params(n *node) []faults.Param {
	var out []faults.Param
	for _, p := range d.mapping(n, "params").at.pairs {
		if p.value.shape == nothing {
			d.fail(p.value, "parameter %s has no value", show(p.key.text))
			continue
		}
		value, _ := d.text(p.value, "parameter "+p.key.text)
		out = append(out, faults.Param{Name: p.key.text, Value: value})
	}
	return out
}

func (d *decoder) reseed(n *node) *faults.Reseed {
	f := d.mapping(n, "reseed")
	r := &faults.Reseed{}
	if after := f.need("after", "{record: 5120}"); after != nil {
		r.After = d.event(after, "after")
	}
	if salt := f.need("salt", "1"); salt != nil {
		r.Salt = d.natural(salt, "salt", 0)
	}
	f.done()
	return r
}

func (d *decoder) expect(n *node) *faults.Expect {
	f := d.mapping(n, "expect")
	e := &faults.Expect{}
	if v := f.take("verdict"); v != nil {
		e.Verdict = d.word(v, "verdict", faults.Verdicts())
	}
	if ps := f.take("properties"); ps != nil {
		for _, p := range d.mapping(ps, "properties").at.pairs {
			e.Properties = append(e.Properties, faults.Property{
				Name: p.key.text, Verdict: d.word(p.value, "property "+p.key.text, faults.Verdicts()),
			})
		}
	}
	if h := f.take("hash"); h != nil {
		e.Hash, _ = d.text(h, "hash")
		if err := (&faults.Expect{Hash: e.Hash}).Check(); err != nil {
			d.fail(h, "%v", err)
		}
	}
	e.Build = f.optional("build")
	f.done()
	return e
}

// overrides reads the list of fixed decisions.
func (d *decoder) overrides(n *node) []faults.Override {
	var out []faults.Override
	seen := map[sim.Identity]bool{}
	for _, x := range d.items(n, "overrides") {
		before := len(d.errs)
		o := d.override(x)
		if len(d.errs) > before {
			continue
		}
		if err := o.Check(); err != nil {
			d.fail(x, "%v", err)
		} else if seen[o.ID] {
			d.fail(x, "%v is decided twice (%s); keep one", o.ID, o.Outcome())
		}
		seen[o.ID] = true
		out = append(out, o)
	}
	return out
}
