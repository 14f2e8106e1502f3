package scheduler

func (o once) say() string       { return "Once" }
func (r cronRule) say() string   { return r.text }
func (r interval) say() string   { return r.String() }
func (r recurrence) say() string { return r.String() }
