package daemon

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxAlerts is how many alerts of one report are told one by one.
const maxAlerts = 30

// alert is one alert of Grafana or of Prometheus' Alertmanager.
type alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	GeneratorURL string            `json:"generatorURL"`
	DashboardURL string            `json:"dashboardURL"`
	PanelURL     string            `json:"panelURL"`
}

// fromAlerts reads {alerts: […]}, the form of Alertmanager's webhooks, which is
// Grafana's too. It reports false if it is something else of that name.
func (in *fireInput) fromAlerts(fields map[string]json.RawMessage, raw json.RawMessage) bool {
	var alerts []alert
	if json.Unmarshal(raw, &alerts) != nil || len(alerts) == 0 {
		return false
	}
	var lines []string
	firing := 0
	for i, a := range alerts {
		if a.Status != "resolved" {
			firing++
		}
		if i < maxAlerts {
			lines = append(lines, strings.Join(a.lines(), "\n"))
		}
	}
	if more := len(alerts) - maxAlerts; more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more", more))
	}
	in.fromText(strings.Join(lines, "\n\n"))
	title := textOf(fields["title"])
	if title == "" {
		title = alertsTitle(alerts, firing)
	}
	in.Title = in.short("title", title, maxTitle)
	if firing > 0 {
		in.Priority = 4
	}
	if slices.ContainsFunc(alerts, alert.critical) {
		in.Priority = 5
	}
	first := alerts[0]
	for _, address := range []string{first.PanelURL, first.DashboardURL, textOf(fields["externalURL"]), first.GeneratorURL} {
		if strings.HasPrefix(address, "http") {
			in.click(address)
			break
		}
	}
	return true
}

// alertsTitle says how many of what there are.
func alertsTitle(alerts []alert, firing int) string {
	var names []string
	for _, a := range alerts {
		if name := a.name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var counts []string
	if firing > 0 {
		counts = append(counts, fmt.Sprintf("%d firing", firing))
	}
	if resolved := len(alerts) - firing; resolved > 0 {
		counts = append(counts, fmt.Sprintf("%d resolved", resolved))
	}
	return strings.Join(counts, ", ") + ": " + strings.Join(names, ", ")
}

func (a alert) name() string { return cmp.Or(a.Labels["alertname"], a.Labels["rulename"], "alert") }

func (a alert) critical() bool {
	severity := strings.ToLower(a.Labels["severity"])
	return a.Status != "resolved" && (severity == "critical" || severity == "page" || severity == "disaster")
}

// lines are an alert: what it says, and below it what it is about.
func (a alert) lines() []string {
	says := cmp.Or(a.Annotations["summary"], a.Annotations["message"], a.Annotations["description"])
	line := cmp.Or(a.Status, "firing") + ": " + a.name()
	if says != "" {
		line += " - " + says
	}
	out := []string{line}
	if more := a.Annotations["description"]; more != "" && more != says {
		out = append(out, more)
	}
	var about []string
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		if name != "alertname" && !strings.HasPrefix(name, "__") && len(about) < 8 {
			about = append(about, name+"="+a.Labels[name])
		}
	}
	if len(about) > 0 {
		out = append(out, "("+strings.Join(about, ", ")+")")
	}
	return out
}
