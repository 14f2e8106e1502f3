package marionette

import (
	"encoding/json"
	"errors"
)

// They make the body of an async function a script that answers with its value or its error.
const (
	wrapHead = `const answer = arguments[arguments.length - 1], args = [...arguments].slice(0, -1); (async () => {`
	wrapTail = `})().then((ok) => answer({ok: ok ?? null}), (e) => answer({error: String(e)}));`
)

const scriptMillis = 30_000

// Navigate loads a page in the tab in front and returns when it is loaded.
func (f *Firefox) Navigate(url string) error {
	return f.Do("WebDriver:Navigate", map[string]any{"url": url}, nil)
}

// Eval runs the body of an async function in the page, with args as `args`, and reads what it
// returns into out, unless that is nil.
func (f *Firefox) Eval(body string, out any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	var answer struct {
		OK    json.RawMessage
		Error string
	}
	err := f.Do("WebDriver:ExecuteAsyncScript", map[string]any{
		"script": wrapHead + body + wrapTail, "args": args, "scriptTimeout": scriptMillis,
	}, &answer)
	switch {
	case err != nil:
		return err
	case answer.Error != "":
		return errors.New(answer.Error)
	case out == nil || answer.OK == nil:
		return nil
	}
	return json.Unmarshal(answer.OK, out)
}

// Privileged runs a script as [Firefox.Eval] does, but in the browser itself, where it may do
// what a person does in the browser's own settings.
func (f *Firefox) Privileged(body string, out any, args ...any) error {
	if err := f.setContext("chrome"); err != nil {
		return err
	}
	return errors.Join(f.Eval(body, out, args...), f.setContext("content"))
}

func (f *Firefox) setContext(name string) error {
	return f.Do("Marionette:SetContext", map[string]any{"value": name}, nil)
}

// Click clicks the first element that the XPath finds. It fails where there is none or another
// lies over it.
func (f *Firefox) Click(xpath string) error {
	var element map[string]string
	if err := f.Do("WebDriver:FindElement", map[string]any{"using": "xpath", "value": xpath}, &element); err != nil {
		return err
	}
	for _, id := range element {
		return f.Do("WebDriver:ElementClick", map[string]any{"id": id}, nil)
	}
	return errors.New("click: the element has no name")
}

// Tabs are the handles of all open tabs.
func (f *Firefox) Tabs() (handles []string, err error) {
	err = f.Do("WebDriver:GetWindowHandles", nil, &handles)
	return handles, err
}

// Front brings a tab to the front; commands go there from then on.
func (f *Firefox) Front(handle string) error {
	return f.Do("WebDriver:SwitchToWindow", map[string]any{"handle": handle, "focus": true}, nil)
}

// NewTab opens an empty tab and brings it to the front. The one that was there is hidden.
func (f *Firefox) NewTab() (handle string, err error) {
	var made struct{ Handle string }
	if err := f.Do("WebDriver:NewWindow", map[string]any{"type": "tab", "focus": true}, &made); err != nil {
		return "", err
	}
	return made.Handle, f.Front(made.Handle)
}

// CloseTab closes the tab in front. No tab is in front then: bring another one there.
func (f *Firefox) CloseTab() error {
	return f.Do("WebDriver:CloseWindow", nil, nil)
}

// URL is the address of the tab in front.
func (f *Firefox) URL() (url string, err error) {
	err = f.Do("WebDriver:GetCurrentURL", nil, &url)
	return url, err
}
