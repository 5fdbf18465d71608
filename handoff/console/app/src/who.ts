// Who did something, where nobody of the desk did: the log has a word for each
// part of the service, and people read a sentence.

import { t } from "./i18n";

export function whoWords(actor: string): string {
  switch (actor) {
    case "terminal":
      return t("who.terminal");
    case "customer":
      return t("who.customer");
    case "assistant":
      return t("author.bot");
    case "":
    case "silence":
    case "settings":
    case "desk":
    case "distribution":
    case "triage":
    case "ladder":
    case "reminder":
    case "wake":
    case "mail":
    case "rating":
    case "mention":
    case "contact":
      return t("log.service");
    default:
      return actor;
  }
}
