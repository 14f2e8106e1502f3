package daemon

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A question is waited for also while its token waits for too many: later, not at
// once again, and not for less long.
func TestMCPAskCrowded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, begun := 0, time.Now()
		tools := mcpTools{func(context.Context, MCPRequest) (int, []byte, error) {
			if asked++; asked < 3 {
				return http.StatusTooManyRequests, []byte(`{"code":"too_many","detail":"Ask again."}`), nil
			}
			return http.StatusOK, []byte(`{"answered":true,"answer":"Yes"}`), nil
		}}
		a := &mcpAnswer{Question: "q", State: "open"}
		if err := tools.await(t.Context(), a, time.Minute, func(_, _ float64, _ string) {}); err != nil {
			t.Fatal(err)
		}
		if a.State != "answered" || asked != 3 || time.Since(begun) != 2*crowdedWait {
			t.Errorf("%+v, asked %d times within %s", a, asked, time.Since(begun))
		}
	})
}
