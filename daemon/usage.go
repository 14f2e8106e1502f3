package daemon

import (
	"net/http"
	"time"

	"hark/store"
)

const (
	usageDays    = 30
	maxUsageDays = 400
)

// usage serves what asking models has cost, by day and source, oldest day
// first, and how much of today's budget is used.
func (d *Daemon) usage(w http.ResponseWriter, r *http.Request, _ caller) error {
	days, err := queryNumber(r, "days", usageDays, maxUsageDays)
	if err != nil {
		return err
	}
	where, err := time.LoadLocation(localZone())
	if err != nil {
		where = time.UTC
	}
	now := time.Now().In(where)
	today := now.Format(time.DateOnly)
	out := struct {
		Today  string           `json:"today"`
		Days   []store.DayUsage `json:"days"`
		Budget int              `json:"budget"` // 0 is no limit
		Used   int              `json:"budget_used"`
	}{Today: today, Days: []store.DayUsage{}}
	err = d.db.View(func(tx *store.Tx) error {
		s, err := tx.Settings()
		if err != nil {
			return err
		}
		out.Budget = s.Budget
		list, err := tx.UsageSince(now.AddDate(0, 0, 1-max(days, 1)).Format(time.DateOnly))
		out.Days = append(out.Days, list...)
		return err
	})
	if err != nil {
		return err
	}
	for _, u := range out.Days {
		if u.Day == today && u.Source != "chat" {
			out.Used += u.Input + u.Output
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
