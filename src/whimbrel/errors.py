"""The tree of all errors of the project, and the modules that define them.

In brackets is the built-in exception that an error also derives from, so that a handler of that one catches it too::

    WhimbrelError
    ├── answering.VerbError
    │   └── answering.DaemonAway
    ├── broker.link.LinkLost
    ├── broker.link.NotAllowed
    ├── bus.subscription.Closed (EOFError)
    ├── bus.subscription.Overrun
    ├── capture.chunks.CaptureError (ValueError)
    │   ├── capture.chunks.Damaged
    │   ├── capture.chunks.NotACapture
    │   └── capture.chunks.UnknownLinkType
    ├── cli.exits.CommandError
    ├── client.errors.ClientError
    │   ├── client.errors.BadAnswer (ValueError)
    │   ├── client.errors.Refused
    │   └── client.errors.Unreachable (ConnectionError)
    ├── config.registry.BrokenModule (ImportError)
    ├── config.registry.UnknownModule (LookupError)
    ├── control.protocol.ProtocolError (ValueError)
    ├── detections.alert_keys.Unreadable (ValueError)
    ├── drivers.helper.link.HelperAway (ConnectionError)
    ├── drivers.helper.protocol.MalformedRequest (ValueError)
    ├── drivers.linux.bpf.FilterError (ValueError)
    ├── drivers.linux.bpf.FilterUnavailable
    ├── drivers.linux.thinning.object_file.BadObject (ValueError)
    ├── drivers.nl80211.codec.NetlinkError (OSError)
    ├── drivers.nl80211.worker.Stuck
    ├── drivers.panel.placing.TooSmall
    ├── drivers.ports.PanelGone
    ├── drivers.ports.RadioGone
    ├── drivers.ports.TuneError
    ├── drivers.registry.BrokenDriver (ImportError)
    ├── drivers.registry.UnknownDriver (LookupError)
    ├── errors.NotReady
    ├── events.checking.NonsenseError (TypeError)
    ├── events.decode.DecodeError (ValueError)
    ├── history.schema.TooNew
    ├── history.store.StoreError
    ├── history.store.Unusable
    ├── module.BeginAgain
    ├── modules.position.NotGpsd
    ├── recording.folder.NoRoom (OSError)
    ├── reporting.page.NoTemplates
    ├── settings.problems.ConfigError
    ├── siem.sender.LogServerAway
    ├── stall.ExitRefused
    ├── supervisor.CriticalFailure
    ├── telling.ways.NotSent
    ├── telling.ways.NotTaken
    ├── tls.UnusableTlsFile
    ├── tuning.settings.PlanError (ValueError)
    ├── updating.dpkg.DpkgBusy
    ├── updating.keeping.KeepError
    ├── watching.guarded_file.BadFile
    ├── watching.guarding.GuardingError
    ├── watching.ignoring.BadList (ValueError)
    ├── watching.kept_file.UnusableFile
    ├── web.answers.Refusal
    └── web.arguments.BadArgument (ValueError)

Each error is defined beside the code that raises it; this module imports none of them. `NotReady`, which modules and
drivers of every kind raise, is defined here.
"""

from __future__ import annotations


class WhimbrelError(Exception):
    """Base of every error of the project; the message is made for a person."""


class NotReady(WhimbrelError):
    """The module lacks something it needs (yet). The message has the cause and advice; the start is retried later."""
