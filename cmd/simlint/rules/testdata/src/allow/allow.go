// Package allow shows what an escape must look like.
package allow

import "time"

func good() {
	_ = time.Now() //simlint:allow clock shown to people, never to the plan

	//simlint:allow clock shown to people, never to the plan
	_ = time.Now()

	//simlint:allow clock shown to people, never to the plan
	//simlint:allow concurrency shown to people, never to the plan
	go func(time.Time) {}(time.Now())
}

func tooFar() {
	//simlint:allow clock one line too high // want `allow: nothing here breaks rule clock; delete the comment`

	_ = time.Now() // want `clock: time.Now`
}

func trailing() {
	_ = time.Now() //simlint:allow clock it covers this line only
	_ = time.Now() // want `clock: time.Now`
}

func wrong() {
	_ = time.Now() //simlint:allow clock // want `clock: time.Now` `allow: a reason is missing; write //simlint:allow clock <reason>`
	_ = time.Now() //simlint:allow wallclock not a rule // want `clock: time.Now` `allow: there is no rule "wallclock"`
	_ = time.Now() //simlint:allow // want `clock: time.Now` `allow: no rule is named`
	_ = time.Now() //simlint:allow float not this rule // want `clock: time.Now` `allow: nothing here breaks rule float`
	_ = time.Now() //simlint:allowed by nobody // want `clock: time.Now`
	_ = 1          //simlint:allow clock nothing to excuse // want `allow: nothing here breaks rule clock`
}
