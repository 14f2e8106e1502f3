package pushsvc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Claims are what a sender says of itself (RFC 8292, section 2).
type Claims struct {
	Aud string
	Exp int64 // seconds since 1970
	Sub string
}

// verify checks the header "vapid t=TOKEN, k=KEY" against the origin of the endpoint, and returns
// the key in its uncompressed form.
func verify(header, origin string, now time.Time) (claims Claims, key []byte, err error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "vapid") {
		return claims, nil, errors.New("the Authorization header is not of the scheme vapid")
	}
	params := map[string]string{}
	for param := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		params[name] = value
	}
	key, err = base64.RawURLEncoding.DecodeString(params["k"])
	if err != nil {
		return claims, nil, fmt.Errorf("k: %w", err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return claims, nil, fmt.Errorf("k: %w", err)
	}
	body, err := signed(params["t"], public)
	if err != nil {
		return claims, nil, fmt.Errorf("t: %w", err)
	}
	if err := json.Unmarshal(body, &claims); err != nil {
		return claims, nil, fmt.Errorf("claims: %w", err)
	}
	if claims.Aud != origin {
		return claims, nil, fmt.Errorf("aud %q is not %q", claims.Aud, origin)
	}
	if exp := time.Unix(claims.Exp, 0); exp.Before(now) || exp.After(now.Add(24*time.Hour)) {
		return claims, nil, fmt.Errorf("exp %v is past or more than 24 hours away", exp)
	}
	return claims, key, nil
}

// signed is the body of a JWT whose ES256 signature is public's.
func signed(token string, public *ecdsa.PublicKey) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a JWT")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, err
		}
	}
	var head struct{ Typ, Alg string }
	if err := json.Unmarshal(decoded[0], &head); err != nil || head.Alg != "ES256" || head.Typ != "JWT" {
		return nil, fmt.Errorf("head %s", decoded[0])
	}
	sig := decoded[2]
	if len(sig) != 64 {
		return nil, errors.New("the signature is not of 64 bytes")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return nil, errors.New("the signature is not of this key")
	}
	return decoded[1], nil
}

// subjectFault says what Apple's service does not take of a subject, as senders have reported it;
// empty if nothing.
func subjectFault(sub string) string {
	var host string
	if address, ok := strings.CutPrefix(sub, "mailto:"); ok {
		if strings.ContainsAny(address, ":<> ") {
			return fmt.Sprintf("sub %q", sub)
		}
		_, host, _ = strings.Cut(address, "@")
	} else if u, err := url.Parse(sub); err == nil && u.Scheme == "https" {
		host = u.Hostname()
	}
	labels := strings.Split(host, ".")
	local := []string{"local", "localhost", "invalid", "test", "example", "lan", "internal"}
	if len(labels) < 2 || slices.Contains(local, labels[len(labels)-1]) {
		return fmt.Sprintf("sub %q is not reachable", sub)
	}
	return ""
}
