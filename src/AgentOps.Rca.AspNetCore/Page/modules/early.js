// Asks for what an incident opens with while the other modules are still on their way.
import * as api from "./api.js";
import { read } from "./address.js";
import { session } from "./session.js";

const { screen, id } = read();

session.load().then(() => {
  if (screen === "incident" && id && !session.asksForKey()) {
    api.incidentFirst(id).forEach(api.ahead);
  }
});
