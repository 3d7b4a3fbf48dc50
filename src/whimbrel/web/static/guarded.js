// The guarded networks, which several views mark.

import { poll } from "./live.js";
import { watch } from "./state.js";

/** The guarded networks, by their name in hexadecimal digits. */
export class Guarded {
  constructor() {
    this.networks = [];
    this.names = new Set();
    this.addresses = new Set();
  }

  /** Whether an access point belongs to one. */
  has(row) {
    return (row.ssid_hex !== "" && this.names.has(row.ssid_hex)) || this.addresses.has(row.bssid);
  }

  /** The network of an access point; undefined for none. */
  of(row) {
    return this.networks.find((network) => network.ssid_hex === row.ssid_hex);
  }

  take(answer) {
    this.networks = answer.networks;
    this.names = new Set(answer.networks.map((network) => network.ssid_hex));
    this.addresses = new Set(answer.networks.flatMap((network) => network.bssids));
  }
}

/** Follow the guarded networks until `signal` is aborted; `changed(guarded)` is called for each state. */
export function follow(signal, changed) {
  const guarded = new Guarded();
  const take = (answer) => {
    guarded.take(answer);
    changed(guarded);
  };
  const ask = poll({ path: "guarded", seconds: 120, take, signal });
  watch("networks-guarded", ask, signal);
  return guarded;
}
