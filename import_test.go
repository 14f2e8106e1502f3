package main

import (
	"encoding/json"
	"testing"
	"time"
)

// No bytes whatever make the readers of exports fail otherwise than with an
// error, and what they give are records with ids that sort as they were said.
func FuzzReadRecords(f *testing.F) {
	for _, seed := range []string{
		`{"type":"hark","form":1}` + "\n" + `{"type":"fact","record":{}}`,
		`[{"title":"t","current_node":"a","mapping":{"a":{"parent":"a","message":{"id":"a","author":{"role":"user"},"create_time":-1,"content":{"parts":["x",1]}}}}}]`,
		`[{"id":"o","chat":{"history":{"currentId":"1","messages":{"1":{"id":"1","role":"user","content":"x","timestamp":1e300}}}}}]`,
		`{"conversationId":"l","messages":[{"messageId":"1","text":"x","children":[{"text":"y"}]}]}`,
	} {
		f.Add([]byte(seed), "")
	}
	f.Fuzz(func(t *testing.T, data []byte, as string) {
		records, _, err := readRecords(data, as)
		if err != nil || kindOfExport(data) == "hark" || as == "hark" {
			return
		}
		last := ""
		for _, r := range records {
			var rec struct{ Type, ID string }
			if err := json.Unmarshal(r, &rec); err != nil || len(rec.ID) != 26 {
				t.Fatalf("%s: %v", r, err)
			}
			if rec.Type == "message" && rec.ID <= last {
				t.Fatalf("%s does not come after %s", rec.ID, last)
			}
			if last = rec.ID; rec.Type == "conversation" {
				last = ""
			}
		}
	})
}

// Ids made of others' names have the form of a ULID (github.com/ulid/spec) with
// its time, and are the same each time.
func TestForeignID(t *testing.T) {
	at := time.UnixMilli(1469918176385)
	if id := foreignID(at, "a", "b"); id[:10] != "01ARYZ6S41" || id != foreignID(at, "a", "b") || id == foreignID(at, "ab") {
		t.Error(id)
	}
}
