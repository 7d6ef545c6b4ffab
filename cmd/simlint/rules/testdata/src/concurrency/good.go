package concurrency

type queue []int

func (q *queue) close() {}

func good(q *queue, close func(*queue)) {
	close(q)
	q.close()
	for range *q {
	}
}
