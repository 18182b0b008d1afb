/** What the server sends to the phone and the phone to the server, exactly as docs/field.md says. */

import type { Geometry } from "./core/geometry.ts";

/** WGS 84 degrees, or null when no position is known. */
export interface Position {
  longitude: number;
  latitude: number;
}

/** Day as "YYYY-MM-DD". */
export type Day = string;
/** Moment as ISO 8601 with zone. */
export type Moment = string;
/** The id of a photo on the phone, which is its upload id on the server. */
export type PhotoId = string;

export interface Me {
  id: string;
  name: string;
  username: string;
  roles: string[];
  county: number;
  county_name: string;
  member: {
    id: string;
    code: string;
    name: string;
    is_full_time: boolean;
    employer: string;
    town: string;
    town_name: string;
  } | null;
  /** 12 digits for a committee, else "". */
  village: string;
}

export interface Officer {
  kind: string;
  label: string;
  name: string;
  title: string;
  phone: string;
}

export interface Grid {
  id: string;
  code: string;
  name: string;
  kind: string;
  town: string;
  town_name: string;
  village_names: string[];
  boundary: Geometry | null;
  is_approximate: boolean;
  role: "primary" | "deputy";
  officers: Officer[];
}

export interface Site {
  id: string;
  code: string;
  name: string;
  site_type: string;
  site_type_label: string;
  industry: string;
  industry_name: string;
  scale: string;
  risk_grade: string;
  risk_label: string;
  employees: number | null;
  address: string;
  /** Every day's, as "08:00-11:30 13:00-20:00"; "" where nobody knows. */
  opening_hours: string;
  town: string;
  village: string;
  village_name: string;
  longitude: number | null;
  latitude: number | null;
  grid_id: string | null;
  status: string;
  status_label: string;
  version: number;
  checklist_id: string | null;
  qr: string;
  contacts: { id: string; name: string; position: string; phone: string }[];
  is_directly_supervised: boolean;
}

/** What is known of a site's visits; the id is the site's. */
export interface SiteVisits {
  id: string;
  last_visit_on: Day | null;
  last_outcome: string | null;
  visits_a_year: number | null;
  minutes: number | null;
  open_cases: number;
}

export interface HazardKind {
  id: string;
  code: string;
  parent_code: string | null;
  name: string;
  nature: string;
  severity: string;
  is_leaf: boolean;
  is_active: boolean;
  may_settle_on_spot: boolean;
  duplicate_distance_m: number | null;
  duplicate_days: number | null;
  position: number;
  major_standard?: string;
  legal_bases?: string[];
}

export interface ChecklistItem {
  id: string;
  code: string;
  position: number;
  text: string;
  how_to_judge: string;
  what_to_do: string;
  hazard_kind: string | null;
  answer_kind: string;
  is_mandatory: boolean;
  legal_basis: string;
}

export interface Checklist {
  id: string;
  code: string;
  number: number;
  name: string;
  site_type: string;
  industry_prefix: string;
  is_published?: boolean;
  items: ChecklistItem[];
}

/** One thing to do; `id` is "kind:id", `data` is the kind's own. */
export interface TaskRow {
  id: string;
  kind: string;
  kind_label: string;
  title: string;
  words: string;
  site_id: string | null;
  longitude: number | null;
  latitude: number | null;
  due_at: Moment | null;
  on: Day | null;
  is_mandatory: boolean;
  urgency: "normal" | "near" | "overdue";
  data: Record<string, unknown>;
}

/** A day's route; times are minutes after midnight, the id is the day. */
export interface DayRoute {
  id: Day;
  calls: { site_id: string; task_id: string | null; arrives: number; begins: number; leaves: number }[];
  travel_minutes: number;
  mode: string;
  left_out: string[];
  /** Where the day begins and ends; null on days without a route. */
  start?: Position | null;
  /** Working hours and pauses of the member, minutes after midnight. */
  hours?: { begins: number; ends: number; breaks: [number, number][] };
}

export interface CaseRow {
  id: string;
  number: string;
  kind: string;
  kind_name: string;
  severity: string;
  severity_label: string;
  state: string;
  state_label: string;
  words: string;
  place: string;
  site_id: string | null;
  site_name: string | null;
  longitude: number | null;
  latitude: number | null;
  /** When it was found, which may be days before it could be reported. */
  found_at?: Moment | null;
  reported_at: Moment;
  due_at: Moment | null;
  part: ("reporter" | "verifier" | "rechecker")[];
  is_mine_now: boolean;
  photos: string[];
  outcome: string | null;
  timeline: { at: Moment; label: string; words: string; who?: string }[];
  /** For operations that change the case; absent while the server does not say. */
  version?: number;
}

/** An open case that a report could double: no words, no reporter. */
export interface NearbyCase {
  id: string;
  number: string;
  kind: string;
  kind_name: string;
  place: string;
  site_id: string | null;
  longitude: number | null;
  latitude: number | null;
  reported_at: Moment;
  state_label: string;
}

export interface Notice {
  id: string;
  kind: string;
  title: string;
  body: string;
  at: Moment;
  is_read: boolean;
  url: string;
}

export interface Contact {
  id: string;
  group: string;
  name: string;
  title: string;
  phone: string;
  /** Its place in the list. */
  position?: number;
}

export interface ClearCard {
  id: string;
  lines: { title: string; items: string[] }[];
  phone_lines: { label: string; phone: string }[];
  qr: string;
  member: Record<string, unknown>;
  grids: { code: string; name: string }[];
  officers: Officer[];
  valid_on: Day;
  valid_until?: Day;
}

export interface Month {
  id: string;
  visits: number;
  visits_due: number;
  reports: number;
  valid_reports: number;
  rejected_reports: number;
  rechecks: number;
  on_spot: number;
}

/** Feeds by name: what `useFeed(name)` gives. */
export interface Feeds {
  me: Me;
  grids: Grid;
  sites: Site;
  visits: SiteVisits;
  kinds: HazardKind;
  checklists: Checklist;
  tasks: TaskRow;
  route: DayRoute;
  cases: CaseRow;
  nearby: NearbyCase;
  notices: Notice;
  contacts: Contact;
  card: ClearCard;
  months: Month;
}
export type FeedName = keyof Feeds;

export interface VisitAnswer {
  item_id: string;
  value: string;
  words: string;
  photos: PhotoId[];
  put_right_on_spot: boolean;
  after_photos: PhotoId[];
  keep_on_visit: boolean;
  together_with: string | null;
}

/** Operations by kind: the payload that `enqueue(kind, payload, …)` takes. */
export interface Payloads {
  "patrols.visit": {
    site_id: string;
    checklist_id: string | null;
    outcome: string;
    checked_in_by: "position" | "qr";
    qr: string;
    longitude: number | null;
    latitude: number | null;
    accuracy_m: number | null;
    far_reason: string;
    person_met: string;
    signature: PhotoId | null;
    words: string;
    photos: PhotoId[];
    answers: VisitAnswer[];
    task_id: string | null;
  };
  "patrols.skip": { task_id: string; site_id: string; reason: string };
  "patrols.add": { site_id: string; on: Day };
  "sites.propose_change": { site_id: string | null; version: number | null; values: Record<string, unknown>; reason: string };
  "cases.report": {
    kind: string;
    words: string;
    site_id: string | null;
    place_words: string;
    town: string;
    village: string;
    longitude: number | null;
    latitude: number | null;
    photos: PhotoId[];
    suspected_major: boolean;
    joins: string | null;
  };
  "cases.settle_on_spot": {
    kind: string;
    words: string;
    site_id: string | null;
    place_words: string;
    longitude: number | null;
    latitude: number | null;
    before_photos: PhotoId[];
    after_photos: PhotoId[];
  };
  "cases.verify": {
    case_id: string;
    version: number | null;
    finding: string;
    photos: PhotoId[];
    longitude: number | null;
    latitude: number | null;
  };
  "cases.recheck_pass": {
    case_id: string;
    version: number | null;
    words: string;
    photos: PhotoId[];
    longitude: number | null;
    latitude: number | null;
  };
  "cases.recheck_fail": {
    case_id: string;
    version: number | null;
    reason: string;
    photos: PhotoId[];
    longitude: number | null;
    latitude: number | null;
  };
  "notices.read": { notice_id: string };
}
export type OperationKind = keyof Payloads;
