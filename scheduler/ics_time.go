package scheduler

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// moment is a wall time in its zone; day says that it was only a date.
type moment struct {
	wall time.Time
	zone *time.Location
	day  bool
}

// morning is when a whole day reminds.
const morning = 9 * time.Hour

// when reads a DTSTART and its like.
func (in *importer) when(p *ics.IANAProperty) (moment, error) {
	v := strings.TrimSpace(p.Value)
	if t, err := time.Parse(icsDate, v); err == nil {
		return moment{t.Add(morning), in.zone, true}, checkYear(t)
	}
	if t, err := time.Parse(icsUTC, v); err == nil {
		return moment{wallOf(t, in.zone), in.zone, false}, checkYear(t)
	}
	t, err := time.Parse(icsLocal, v)
	if err != nil {
		return moment{}, fmt.Errorf("its date %.40q can't be read", v)
	}
	zone := in.zone
	if id := param(p, "TZID"); id != "" {
		if zone = in.zoneOf(id); zone == nil {
			return moment{}, fmt.Errorf("its time zone %.80q is not known", id)
		}
	}
	return moment{t, zone, false}, checkYear(t)
}

func checkYear(t time.Time) error {
	if t.Year() < 1900 || t.Year() > lastYear {
		return errors.New("its year can't be meant")
	}
	return nil
}

// zoneOf finds the IANA zone that a TZID means, or nil.
func (in *importer) zoneOf(id string) *time.Location {
	if zone := in.zones[id]; zone != nil {
		return zone
	}
	return zoneNamed(id)
}

// zoneNamed takes IANA names, also behind a path as some programs write them
// ("/example.org/20240101_1/Europe/Berlin"), and the names that Windows has.
func zoneNamed(id string) *time.Location {
	parts := strings.Split(strings.Trim(id, "/\" "), "/")
	for n := min(len(parts), 3); n > 0; n-- {
		name := strings.Join(parts[len(parts)-n:], "/")
		if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			return zone
		}
	}
	if name := windowsZones()[id]; name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return nil
}

// zonesOf reads which zones the file's own definitions mean, where they say so.
func zonesOf(cal *ics.Calendar) map[string]*time.Location {
	zones := map[string]*time.Location{}
	for _, c := range cal.Components {
		z, ok := c.(*ics.VTimezone)
		if !ok {
			continue
		}
		e := &icsEntry{&z.ComponentBase}
		if zone := zoneNamed(e.value("X-LIC-LOCATION")); zone != nil {
			zones[e.value("TZID")] = zone
		}
	}
	return zones
}

var durationForm = regexp.MustCompile(`^([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

// alarm reads a trigger: how far from the beginning it is, or its instant.
func (in *importer) alarm(p *ics.IANAProperty) (by time.Duration, at time.Time, err error) {
	if p == nil || strings.EqualFold(param(p, "RELATED"), "END") {
		return 0, at, nil
	}
	v := strings.ToUpper(strings.TrimSpace(p.Value))
	if t, err := time.Parse(icsUTC, v); err == nil {
		return 0, t, checkYear(t)
	}
	m := durationForm.FindStringSubmatch(v)
	if m == nil {
		return 0, at, fmt.Errorf("its alarm %.40q can't be read", v)
	}
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi("0" + m[2+i])
		by += time.Duration(n) * unit
	}
	if m[1] == "-" {
		by = -by
	}
	return by, at, nil
}

// windowsZones are the zones as Windows programs write them, by the Unicode
// CLDR's windowsZones table (territory 001), those that people live in.
func windowsZones() map[string]string {
	return map[string]string{
		"UTC": "UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
		"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest",
		"Romance Standard Time": "Europe/Paris", "Central European Standard Time": "Europe/Warsaw",
		"GTB Standard Time": "Europe/Bucharest", "E. Europe Standard Time": "Europe/Chisinau",
		"FLE Standard Time": "Europe/Kiev", "Turkey Standard Time": "Europe/Istanbul",
		"Russian Standard Time": "Europe/Moscow", "Belarus Standard Time": "Europe/Minsk",
		"Israel Standard Time": "Asia/Jerusalem", "Egypt Standard Time": "Africa/Cairo",
		"South Africa Standard Time": "Africa/Johannesburg", "Morocco Standard Time": "Africa/Casablanca",
		"W. Central Africa Standard Time": "Africa/Lagos", "E. Africa Standard Time": "Africa/Nairobi",
		"Middle East Standard Time": "Asia/Beirut", "Jordan Standard Time": "Asia/Amman",
		"Syria Standard Time": "Asia/Damascus", "Arabic Standard Time": "Asia/Baghdad",
		"Arab Standard Time": "Asia/Riyadh", "Arabian Standard Time": "Asia/Dubai", "Iran Standard Time": "Asia/Tehran",
		"Azerbaijan Standard Time": "Asia/Baku", "Georgian Standard Time": "Asia/Tbilisi",
		"Afghanistan Standard Time": "Asia/Kabul", "Pakistan Standard Time": "Asia/Karachi",
		"West Asia Standard Time": "Asia/Tashkent", "India Standard Time": "Asia/Calcutta",
		"Sri Lanka Standard Time": "Asia/Colombo", "Nepal Standard Time": "Asia/Katmandu",
		"Bangladesh Standard Time": "Asia/Dhaka", "Myanmar Standard Time": "Asia/Rangoon",
		"SE Asia Standard Time": "Asia/Bangkok", "China Standard Time": "Asia/Shanghai",
		"Singapore Standard Time": "Asia/Singapore", "Taipei Standard Time": "Asia/Taipei",
		"W. Australia Standard Time": "Australia/Perth", "Tokyo Standard Time": "Asia/Tokyo",
		"Korea Standard Time": "Asia/Seoul", "Cen. Australia Standard Time": "Australia/Adelaide",
		"AUS Central Standard Time": "Australia/Darwin", "E. Australia Standard Time": "Australia/Brisbane",
		"AUS Eastern Standard Time": "Australia/Sydney", "Tasmania Standard Time": "Australia/Hobart",
		"New Zealand Standard Time": "Pacific/Auckland", "Fiji Standard Time": "Pacific/Fiji",
		"Samoa Standard Time": "Pacific/Apia", "Hawaiian Standard Time": "Pacific/Honolulu",
		"Alaskan Standard Time": "America/Anchorage", "Pacific Standard Time": "America/Los_Angeles",
		"US Mountain Standard Time": "America/Phoenix", "Mountain Standard Time": "America/Denver",
		"Central Standard Time": "America/Chicago", "Canada Central Standard Time": "America/Regina",
		"Central America Standard Time": "America/Guatemala", "Central Standard Time (Mexico)": "America/Mexico_City",
		"Eastern Standard Time": "America/New_York", "US Eastern Standard Time": "America/Indianapolis",
		"SA Pacific Standard Time": "America/Bogota", "Venezuela Standard Time": "America/Caracas",
		"Atlantic Standard Time": "America/Halifax", "SA Western Standard Time": "America/La_Paz",
		"Pacific SA Standard Time": "America/Santiago", "Paraguay Standard Time": "America/Asuncion",
		"Newfoundland Standard Time": "America/St_Johns", "E. South America Standard Time": "America/Sao_Paulo",
		"Argentina Standard Time": "America/Buenos_Aires", "Montevideo Standard Time": "America/Montevideo",
		"Azores Standard Time": "Atlantic/Azores", "Cape Verde Standard Time": "Atlantic/Cape_Verde",
	}
}
