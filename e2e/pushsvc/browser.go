package pushsvc

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// Browser is a user agent that never leaves Go: it has a subscription and reads
// what is pushed to it (RFC 8188 and 8291).
type Browser struct {
	// Token is the last part of the endpoint. P256dh and Auth are what a page's
	// PushSubscription has under these names.
	Token, P256dh, Auth string

	service *Service
	private *ecdh.PrivateKey
	auth    []byte
}

// Subscribe makes a browser that is subscribed for the holder of a VAPID key, in base64url; an empty
// key is anybody's.
func (s *Service) Subscribe(vapid string) (*Browser, error) {
	key, err := base64.RawURLEncoding.DecodeString(vapid)
	if err != nil {
		return nil, fmt.Errorf("vapid key: %w", err)
	}
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	b := &Browser{Token: random(12), service: s, private: private, auth: make([]byte, 16)}
	rand.Read(b.auth) // never fails
	b.P256dh = base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())
	b.Auth = base64.RawURLEncoding.EncodeToString(b.auth)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(key) == 0 {
		key = nil
	}
	s.subs[b.Token] = &subscription{token: b.Token, key: key}
	s.note(Event{Kind: Subscribed, Token: b.Token})
	return b, nil
}

// Unsubscribe takes the subscription back, as a browser does when its owner revokes the permission.
func (b *Browser) Unsubscribe() {
	b.service.mu.Lock()
	defer b.service.mu.Unlock()
	delete(b.service.subs, b.Token)
	b.service.note(Event{Kind: Unsubscribed, Token: b.Token})
}

// Inbox is what was pushed to the browser and accepted, decrypted, oldest first.
func (b *Browser) Inbox() (texts [][]byte, err error) {
	for _, e := range b.service.Events() {
		if e.Kind != Posted || e.Token != b.Token {
			continue
		}
		text, err := b.Decrypt(e.Push.Body)
		if err != nil {
			return texts, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// Decrypt reads the body of a push. Bodies of more than one record are not taken: no browser takes
// them either (RFC 8291, section 4).
func (b *Browser) Decrypt(body []byte) ([]byte, error) {
	const saltSize, head, keySize = 16, 21, 65
	if len(body) < head+keySize || body[head-1] != keySize {
		return nil, errors.New("the body does not begin as aes128gcm does")
	}
	if size := binary.BigEndian.Uint32(body[saltSize:]); int(size) < len(body)-head-keySize {
		return nil, errors.New("the body has more than one record")
	}
	salt, theirs, sealed := body[:saltSize], body[head:head+keySize], body[head+keySize:]
	sender, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		return nil, fmt.Errorf("the sender's key: %w", err)
	}
	shared, err := b.private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.private.PublicKey().Bytes()) + string(theirs)
	secret, err := hkdf.Key(sha256.New, shared, b.auth, info, sha256.Size)
	if err != nil {
		return nil, err
	}
	key, err1 := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, err2 := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 { // the delimiter of the last record
		return nil, errors.New("the padding has no end")
	}
	return text[:len(text)-1], nil
}
