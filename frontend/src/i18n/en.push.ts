import type { Platform, Standing } from '../core/push';
import { rest } from './rest';

const plural = new Intl.PluralRules('en');
const count = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

const standing: Record<Standing, string> = {
  on: 'Notifications are on. They reach this device even when Hark is closed.',
  off: 'Notifications are off on this device.',
  window: 'While this window is out of sight, what Hark says shows as a notification.',
  insecure: 'Notifications need a secure connection (HTTPS), and this page came without one.',
  'home-screen': 'On iPhone and iPad, notifications only work for an app on the Home Screen.',
  unsupported: 'This browser cannot show notifications from Hark.',
  denied: 'Notifications from Hark are blocked on this device.',
  broken: 'Notifications are wanted here, but this browser has no working subscription.',
  silent: 'The push service takes what Hark sends, and this device shows none of it.',
  misconfigured: 'The push service refuses what Hark sends to this device.',
};

const denied: Record<Platform, string> = {
  ios: 'Open the Settings app, then Notifications, then Hark, and allow notifications.',
  android:
    'Hold the Hark icon, tap App info, then Notifications, and allow them. In a browser tab: tap the icon beside the address, then Permissions.',
  window: '',
  other: 'Click the icon beside the address, and allow notifications. Then load this page again.',
};

const silent: Record<Platform, string> = {
  ios: 'See whether a Focus is on, and whether the Settings app allows Hark notifications. If both are fine, remove Hark from the Home Screen, add it again, and switch notifications on.',
  android:
    'See whether Do Not Disturb is on, and let the browser run without battery limits: Settings, Apps, your browser, Battery, Unrestricted.',
  window: '',
  other: 'See whether Do Not Disturb is on, and whether the system lets this browser show notifications.',
};

const insecure =
  'Open Settings on the machine that runs Hark and set up HTTPS there; on that machine itself, open Hark at http://127.0.0.1.';

/** The words about notifications and devices. */
export const pushWords = {
  title: 'Notifications',
  standing: (s: Standing) => standing[s],
  cure(s: Standing, platform: Platform): string {
    if (s === 'window')
      return 'Quiet hours and muted sources hold for it as for a phone. The system may silence it too.';
    if (s === 'insecure') return insecure;
    if (s === 'home-screen') return 'Tap Share, then “Add to Home Screen”, and open Hark from there.';
    if (s === 'unsupported') return 'Use an up-to-date Chrome, Edge, Firefox or Safari, and not a private window.';
    if (s === 'denied') return denied[platform];
    if (s === 'broken') return 'Switch them on again; nothing is lost.';
    if (s === 'silent') return silent[platform];
    if (s === 'misconfigured') return 'The push doctor says which link is broken.';
    if (s === 'off') return 'Reminders and messages from your scripts can arrive even when Hark is closed.';
    return '';
  },
  other: (name: string) => `Notifications to “${name}” do not get through.`,
  lastShown: (when: string) => `Last shown ${when}.`,
  enable: 'Switch on',
  repair: 'Switch on again',
  label: 'Notifications on this device',
  timeout: 'The browser’s push service did not answer in time. Look at the connection and try again.',
  failed: 'Notifications could not be switched on.',
  dismissed: 'The browser was not given permission. Nothing was changed.',
  unreachable: 'Hark cannot be reached right now, so this could not be looked up.',
  private: 'Private mode',
  privateSay: 'Notifications say “New message” and nothing else. No text goes to the push service or the lock screen.',
  privateAll: 'Private mode on all devices',
  privateHere: 'On this device it is so already.',
  doctor: 'Push doctor',
  doctorSay: 'Looks at every link from Hark to this screen.',
  open: 'Open',
  test: {
    send: 'Send a test',
    again: 'Send another',
    say: 'A real notification, all the way through the push service and back.',
    sending: 'Sending',
    shown: (s: string) => `It arrived after ${s} s. Everything works.`,
    shownThere: (s: string) => `“Shown”, says the device, after ${s} s.`,
    failed: 'The test did not arrive.',
    notShown:
      'The push service took it, and nothing has appeared so far. If it comes late, notifications work but slowly.',
    notAccepted: 'The push service has not taken it so far.',
  },
  stage: {
    queued: 'Queued',
    accepted: 'Accepted',
    shown: 'Shown',
    seen: 'Seen',
    acted: 'Acted on',
    failed: 'Failed',
    withheld: 'On screen',
  } as Record<string, string>,
  notYet: 'not yet',
  delivery: {
    title: 'Delivery',
    none: 'No notification was sent for this message: no device had notifications on when it came, or its source is muted.',
    failed: 'This could not be looked up right now.',
    removed: 'A device that was removed',
    withheld: 'It was already in front of you on this device, so no notification was sent.',
    explain: 'Accepted is the push service’s word. Shown is the device’s own.',
  },
  mute: {
    title: (source: string) => `Mute “${source}”?`,
    say: 'Its messages still arrive in Hark, without a notification.',
    here: 'On this device',
    everywhere: 'On all devices',
    done: (source: string) => `“${source}” is muted.`,
    undo: (source: string) => `“${source}” is no longer muted.`,
    already: (names: string) => `Muted already on ${names}.`,
    while: 'Everywhere, for a while',
    forGood: 'Or until you say otherwise:',
    until: (when: string) => `Muted everywhere until ${when}.`,
    doneUntil: (source: string, when: string) => `“${source}” is muted until ${when}.`,
    unmute: 'Unmute everywhere',
  },
  devices: {
    title: 'Devices',
    manage: 'Manage',
    manageSay: 'Test, rename, quiet hours, private mode, unpair',
    seen: (when: string) => `Last seen ${when}`,
    neverShown: 'No notification shown yet',
    lastShown: (when: string) => `Last notification shown ${when}`,
    state: {
      on: 'Notifications on',
      off: 'Notifications off',
      silent: 'Silent: accepts notifications and shows none',
      misconfigured: 'Notifications are refused by the push service',
    } as Record<string, string>,
    never: 'Never asked for notifications',
    menu: (name: string) => `Options for ${name}`,
    rename: 'Rename',
    renameTitle: 'Name of the device',
    quiet: 'Quiet hours',
    quietOff: 'Off',
    quietOn: (from: string, to: string) => `${from} to ${to}`,
    quietSay: 'Notifications wait until the end of them. Urgent ones still come through.',
    quietFrom: 'From',
    quietTo: 'To',
    quietNone: 'No quiet hours',
    quietSame: 'Choose two different times.',
    zone: (zone: string) => `Times in ${zone}`,
    private: 'Private mode',
    mutes: 'Muted sources',
    mutesNone: 'None',
    mutesCount: (n: number) => count(n, 'source', 'sources'),
    mutesSay: 'What is ticked arrives in Hark without a notification on this device.',
    mutesEmpty:
      'No source has sent anything yet. Scripts appear here when they have a token, feeds and mailboxes when they are watched.',
    change: 'Change',
    test: 'Send a test',
    unpair: 'Unpair',
    unpairSay: 'It is signed out at once, its notifications end, and it must be paired again to come back.',
    unpairHere: 'This is the device you are using. You will need a new pairing code to come back.',
    gone: 'The device was removed.',
    saved: 'Saved.',
  },
  doctorPage: {
    title: 'Push doctor',
    say: 'Each link from Hark to this screen, in order.',
    here: 'On this device',
    server: 'On the machine that runs Hark',
    run: 'Look again',
    looking: 'Looking',
    unreachable: 'Hark did not answer, so its side could not be looked at.',
    allWell: 'Every link is fine.',
    broken: (n: number) => `${count(n, 'link needs', 'links need')} attention. Begin with the first.`,
    ok: 'Fine',
    bad: 'Needs attention',
    names: {
      secure: 'Secure connection',
      installed: 'Home Screen',
      worker: 'Background worker',
      permission: 'Permission',
      subscription: 'Subscription here',
      same: 'Known to Hark',
    },
    /** What the server calls its links. */
    links: {
      keys: 'Keys',
      subscription: 'Subscription',
      subject: 'Contact address',
      endpoint: 'Push service’s address',
      dns: 'Name look-up',
      tcp: 'Connection',
      tls: 'Secure line to the push service',
      connection: 'Connection to the push service',
      answer: 'Push service’s answer',
      clock: 'Clock',
      service: 'Last word of the push service',
      shown: 'Shown on the device',
    } as Record<string, string>,
    secure: 'This page came over a connection that the browser trusts.',
    installed: { yes: 'Hark runs as an app of its own.', no: standing['home-screen'] },
    installedTip: 'Hark runs in a browser tab. Installed, Android stops it less often.',
    worker: {
      yes: (build: string) => `It is running${build ? `, build ${build}` : ''}.`,
      waiting: 'A newer version waits. Choose “Update” when Hark offers it, or close all its windows.',
      no: 'The part that receives notifications is not running.',
      cure: 'Load this page again. If it stays so, clear the site’s data for Hark in the browser, and pair again.',
    },
    permission: {
      granted: 'This browser may show notifications.',
      default: 'This browser has not been asked yet.',
      cureDefault: 'Switch notifications on in Settings.',
      denied: standing.denied,
    },
    subscription: {
      yes: 'The browser has a subscription with its push service.',
      no: 'The browser has no subscription.',
      off: 'Notifications are switched off on this device.',
      cure: 'Switch notifications on in Settings.',
    },
    same: {
      yes: 'Hark sends to the very subscription that this browser has.',
      no: 'Hark knows no subscription of this browser, or an older one.',
      key: 'The subscription was made with another key than the one Hark has now.',
      cure: 'Switch notifications off and on again in Settings.',
      unknown: 'Hark could not be asked.',
      cureUnknown: 'See whether Hark is running, then look again.',
    },
    testTitle: 'Test',
  },
};

/** What a language must provide for notifications and devices. */
export type PushCatalog = typeof pushWords;

/** The words in use. */
export const tp: PushCatalog = rest?.push ?? pushWords;
