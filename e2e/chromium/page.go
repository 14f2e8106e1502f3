package chromium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Page is one tab.
type Page struct {
	// ID is the tab's own name in the protocol.
	ID      string
	browser *Browser
	session string
}

// Open opens a tab and brings it to the front. The one that was there is hidden. It returns
// before the page is loaded.
func (b *Browser) Open(ctx context.Context, url string) (*Page, error) {
	var made struct{ TargetID string }
	if err := b.Call(ctx, "", "Target.createTarget", map[string]any{"url": url}, &made); err != nil {
		return nil, err
	}
	return b.Attach(ctx, made.TargetID)
}

// Pages are all open tabs, in no order, with their addresses.
func (b *Browser) Pages(ctx context.Context) (map[string]string, error) {
	var all struct {
		TargetInfos []struct{ TargetID, Type, URL string }
	}
	if err := b.Call(ctx, "", "Target.getTargets", nil, &all); err != nil {
		return nil, err
	}
	pages := map[string]string{}
	for _, t := range all.TargetInfos {
		if t.Type == "page" {
			pages[t.TargetID] = t.URL
		}
	}
	return pages, nil
}

// Attach is the tab with this name, to drive it.
func (b *Browser) Attach(ctx context.Context, id string) (*Page, error) {
	var made struct{ SessionID string }
	err := b.Call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true}, &made)
	return &Page{ID: id, browser: b, session: made.SessionID}, err
}

// Navigate loads another page in the tab. It returns before that is loaded.
func (p *Page) Navigate(ctx context.Context, url string) error {
	var begun struct{ ErrorText string }
	if err := p.call(ctx, "Page.navigate", map[string]any{"url": url}, &begun); err != nil {
		return err
	}
	if begun.ErrorText != "" {
		return fmt.Errorf("%s: %s", url, begun.ErrorText)
	}
	return nil
}

// Front brings the tab to the front. The one that was there is hidden.
func (p *Page) Front(ctx context.Context) error { return p.call(ctx, "Page.bringToFront", nil, nil) }

// Close closes the tab. A browser whose last tab is closed may end.
func (p *Page) Close(ctx context.Context) error {
	return p.browser.Call(ctx, "", "Target.closeTarget", map[string]any{"targetId": p.ID}, nil)
}

// Eval runs the body of an async function in the page, with args as `args`, and reads what it
// returns into out, unless that is nil.
func (p *Page) Eval(ctx context.Context, body string, out any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err = p.call(ctx, "Runtime.evaluate", map[string]any{
		"expression":   fmt.Sprintf("(async (args) => {%s})(%s)", body, text),
		"awaitPromise": true, "returnByValue": true,
	}, &answer)
	switch {
	case err != nil:
		return err
	case answer.ExceptionDetails != nil:
		return errors.New(answer.ExceptionDetails.Text + " " + answer.ExceptionDetails.Exception.Description)
	case out == nil || answer.Result.Value == nil:
		return nil
	}
	return json.Unmarshal(answer.Result.Value, out)
}

// place scrolls the element that an XPath finds into view and tells its middle; null where there
// is none, or another lies over it.
const place = `const e = document.evaluate(args[0], document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue;
if (!e) return null;
e.scrollIntoView({block: 'center', behavior: 'instant'});
const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
const top = document.elementFromPoint(x, y);
return r.width && top && (e.contains(top) || top.contains(e)) ? {x, y} : null;`

// Click clicks the first element that the XPath finds. It fails where there is none or another
// lies over it.
func (p *Page) Click(ctx context.Context, xpath string) error {
	var at *struct{ X, Y float64 }
	if err := p.Eval(ctx, place, &at, xpath); err != nil {
		return err
	}
	if at == nil {
		return fmt.Errorf("nothing to click at %s", xpath)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		err := p.call(ctx, "Input.dispatchMouseEvent", map[string]any{
			"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1,
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Page) call(ctx context.Context, method string, params, out any) error {
	return p.browser.Call(ctx, p.session, method, params, out)
}

// Uninstallable are the reasons why the page can't be installed as an app, by Chromium's names.
func (p *Page) Uninstallable(ctx context.Context) (reasons []string, err error) {
	var said struct {
		InstallabilityErrors []struct{ ErrorID string }
	}
	err = p.call(ctx, "Page.getInstallabilityErrors", nil, &said)
	for _, e := range said.InstallabilityErrors {
		reasons = append(reasons, e.ErrorID)
	}
	return reasons, err
}
