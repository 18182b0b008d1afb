/** What screens use of the core. The rest is the core's own. */

export { enqueue, giveUp, retry, type EnqueueOptions } from "./outbox.ts";
export { type OutboxItem } from "./outbox_view.ts";
export { useDraft, draftForCorrection, type Draft } from "./drafts.ts";
export { useFeed, useMe, useTasks, type FeedView, type MyTask } from "./feeds.ts";
export { useSync, type SyncView } from "./sync.ts";
export { takePhotos, keepDrawing, type TakeOptions } from "./photo.ts";
export { usePhotoUrl, dropPicture, type Photo } from "./photo_store.ts";
export { currentPlace, lastPlace, placeByHand, PlaceFailure, type Place } from "./place.ts";
export { clock } from "./clock.ts";
export { distanceM, rings, type Geometry, type Ring } from "./geometry.ts";
export { uuid7 } from "./ids.ts";
export { Failure } from "./failures.ts";
export { showFailure } from "./tell.ts";
export { signOut } from "./session.ts";
