//! How much of a request's work is done: a page ends early, an entry of a batch fails, a receive answers fewer messages than
//! there are. AWS may do each at any time, and says so in an answer that is a success.

use std::pin::Pin;

use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier, VersioningConfiguration};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    SendMessageBatchRequestEntry,
};
use aws_types::SdkConfig;
use lambda_testkit::{Cloud, Deviation, PointKind};

use super::calls::{ENTRANCES, Entrance, s3, sqs};
use super::{assert_met, planned, point};

type Asked<T> = Pin<Box<dyn Future<Output = T>>>;
type Ask<T> = fn(SdkConfig) -> Asked<T>;

const URL: &str = "http://127.0.0.1/111111111111/line";

/// Versions, three parts of an upload, three uploads and three queues, by the test itself.
async fn arrange(cloud: &Cloud) {
    let (s3, sqs) = (s3(&cloud.sdk_config()), sqs(&cloud.sdk_config()));
    cloud.bucket("box");
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("box").versioning_configuration(versioning).send().await.unwrap();
    for key in ["a", "b/c", "d"] {
        cloud.bucket("box").put(key, "");
        let upload = s3.create_multipart_upload().bucket("box").key(&key[..1]).send().await.unwrap();
        for number in 1..=3 {
            let part = s3.upload_part().bucket("box").key(&key[..1]).upload_id(upload.upload_id().unwrap());
            part.part_number(number).body(b"part".to_vec().into()).send().await.unwrap();
        }
    }
    for queue in ["line-a", "line-b", "line-c"] {
        sqs.create_queue().queue_name(queue).send().await.unwrap();
    }
}

/// What a listing lists, page by page, by a client that asks as AWS's documentation says; the keys of "box".
const LISTINGS: [(&str, Ask<Vec<Vec<String>>>); 6] = [
    ("s3.ListObjectsV2 box", |config| {
        Box::pin(async move {
            let mut pages = s3(&config).list_objects_v2().bucket("box").delimiter("/").into_paginator().send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.unwrap();
                let count = page.contents().len() + page.common_prefixes().len();
                assert_eq!(usize::try_from(page.key_count().unwrap()).unwrap(), count);
                let keys = page.contents().iter().filter_map(|object| object.key());
                let prefixes = page.common_prefixes().iter().filter_map(|prefix| prefix.prefix());
                found.push(keys.chain(prefixes).map(str::to_owned).collect());
            }
            found
        })
    }),
    ("s3.ListObjects box", |config| {
        Box::pin(async move {
            let (mut found, mut marker): (Vec<Vec<String>>, _) = (Vec::new(), None);
            loop {
                let page = s3(&config).list_objects().bucket("box").set_marker(marker).send().await.unwrap();
                found.push(page.contents().iter().filter_map(|object| object.key()).map(str::to_owned).collect());
                if page.is_truncated() != Some(true) {
                    return found;
                }
                marker = found.last().and_then(|page| page.last()).cloned();
            }
        })
    }),
    ("s3.ListObjectVersions box", |config| {
        Box::pin(async move {
            let (mut found, mut key, mut version): (Vec<Vec<String>>, _, _) = (Vec::new(), None, None);
            loop {
                let list = s3(&config).list_object_versions().bucket("box");
                let page = list.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
                found.push(page.versions().iter().filter_map(|version| version.key()).map(str::to_owned).collect());
                if page.is_truncated() != Some(true) {
                    return found;
                }
                (key, version) = (page.next_key_marker, page.next_version_id_marker);
            }
        })
    }),
    ("s3.ListParts box/a", |config| {
        Box::pin(async move {
            let s3 = s3(&config);
            let uploads = s3.list_multipart_uploads().bucket("box").prefix("a").send().await.unwrap();
            let upload = uploads.uploads()[0].upload_id().unwrap();
            let mut pages = s3.list_parts().bucket("box").key("a").upload_id(upload).into_paginator().send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                found.push(page.unwrap().parts().iter().map(|part| part.part_number().unwrap().to_string()).collect());
            }
            found
        })
    }),
    ("s3.ListMultipartUploads box", |config| {
        Box::pin(async move {
            let (mut found, mut key, mut upload): (Vec<Vec<String>>, _, _) = (Vec::new(), None, None);
            loop {
                let list = s3(&config).list_multipart_uploads().bucket("box");
                let page = list.set_key_marker(key).set_upload_id_marker(upload).send().await.unwrap();
                found.push(page.uploads().iter().filter_map(|upload| upload.key()).map(str::to_owned).collect());
                if page.is_truncated() != Some(true) {
                    assert_eq!(page.next_key_marker(), page.uploads().last().and_then(|upload| upload.key()));
                    return found;
                }
                (key, upload) = (page.next_key_marker, page.next_upload_id_marker);
            }
        })
    }),
    ("sqs.ListQueues", |config| {
        Box::pin(async move {
            let mut pages = sqs(&config).list_queues().max_results(10).into_paginator().send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                found.push(
                    page.unwrap().queue_urls().iter().map(|url| url.rsplit('/').next().unwrap().into()).collect(),
                );
            }
            found
        })
    }),
];

#[tokio::test]
async fn a_page_ends_early_and_a_client_that_goes_on_misses_nothing() {
    let run = async |plan: &lambda_testkit::Plan, list: Ask<Vec<Vec<String>>>, entrance: Entrance| {
        let cloud = planned(plan);
        arrange(&cloud).await;
        let pages = list(entrance(&cloud)).await;
        assert_met(&cloud, plan);
        (cloud, pages)
    };
    for (label, list) in LISTINGS {
        for (name, entrance) in ENTRANCES {
            let (ordinary, whole) = run(&lambda_testkit::Plan::new(), list, entrance).await;
            assert!(whole.len() == 1 && whole[0].len() == 3, "{label} {name}: {whole:?}");
            let course = ordinary.course();
            let point = point(&course, label, &Deviation::ShortPage);
            assert_eq!((point.kind, point.alternatives.len()), (PointKind::Extent, 1));
            let (cloud, pages) = run(&point.deviate(&Deviation::ShortPage), list, entrance).await;
            assert_eq!(pages, [&whole[0][..1], &whole[0][1..]], "{label} {name}");
            assert!(cloud.timeline().to_string().contains("(the page ends early)"), "{}", cloud.timeline());
        }
    }
}

/// The uploads of a client that ends each as it lists them: the marker's own is gone when the next page is asked for.
#[tokio::test]
async fn uploads_that_are_ended_while_they_are_listed_are_all_found() {
    let cloud = Cloud::builder().small_limits().start();
    cloud.bucket("box");
    let s3 = s3(&cloud.sdk_config());
    for key in ["a", "a", "a", "a", "a", "b", "c"] {
        s3.create_multipart_upload().bucket("box").key(key).send().await.unwrap();
    }
    let (mut key, mut upload, mut ended) = (None, None, 0);
    loop {
        let list = s3.list_multipart_uploads().bucket("box").set_key_marker(key).set_upload_id_marker(upload);
        let page = list.send().await.unwrap();
        assert!(page.uploads().len() <= 3);
        for found in page.uploads() {
            let abort = s3.abort_multipart_upload().bucket("box").key(found.key().unwrap());
            abort.upload_id(found.upload_id().unwrap()).send().await.unwrap();
            ended += 1;
        }
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, upload) = (page.next_key_marker, page.next_upload_id_marker);
    }
    assert_eq!(ended, 7);
    cloud.discard();
}

/// The ids of the entries that failed, with code, and whether that is said to be the sender's fault.
type Failed = Vec<(String, String, bool)>;

fn failed(entries: &[BatchResultErrorEntry]) -> Failed {
    entries.iter().map(|entry| (entry.id().to_owned(), entry.code().to_owned(), entry.sender_fault())).collect()
}

async fn handles(config: &SdkConfig) -> Vec<String> {
    let receive = sqs(config).receive_message().queue_url(URL).max_number_of_messages(10);
    let messages = receive.send().await.unwrap().messages.unwrap_or_default();
    messages.into_iter().map(|message| message.receipt_handle.unwrap()).collect()
}

type Left = fn(&Cloud) -> Vec<String>;

/// Batches of three entries `0`, `1` and `2`, about as many messages or objects, and what is left of those afterwards.
const BATCHES: [(&str, Ask<Failed>, Left); 4] = [
    (
        "sqs.SendMessageBatch line",
        |config| {
            Box::pin(async move {
                let entry = |id| SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().unwrap();
                let send = sqs(&config).send_message_batch().queue_url(URL);
                let sent = send.set_entries(Some(["0", "1", "2"].map(entry).into())).send().await.unwrap();
                failed(sent.failed())
            })
        },
        |cloud| cloud.queue("line").bodies()[3..].to_vec(),
    ),
    (
        "sqs.DeleteMessageBatch line",
        |config| {
            Box::pin(async move {
                let entry = |(id, handle): (usize, String)| {
                    DeleteMessageBatchRequestEntry::builder().id(id.to_string()).receipt_handle(handle).build().unwrap()
                };
                let entries = handles(&config).await.into_iter().enumerate().map(entry).collect();
                let delete = sqs(&config).delete_message_batch().queue_url(URL);
                failed(delete.set_entries(Some(entries)).send().await.unwrap().failed())
            })
        },
        |cloud| cloud.queue("line").bodies(),
    ),
    (
        "sqs.ChangeMessageVisibilityBatch line",
        |config| {
            Box::pin(async move {
                let entry = |(id, handle): (usize, String)| {
                    let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id.to_string());
                    entry.receipt_handle(handle).visibility_timeout(0).build().unwrap()
                };
                let entries = handles(&config).await.into_iter().enumerate().map(entry).collect();
                let change = sqs(&config).change_message_visibility_batch().queue_url(URL);
                failed(change.set_entries(Some(entries)).send().await.unwrap().failed())
            })
        },
        |cloud| {
            let messages = cloud.queue("line").messages();
            messages.iter().filter(|message| message.is_visible()).map(|message| message.body.clone()).collect()
        },
    ),
    (
        "s3.DeleteObjects box",
        |config| {
            Box::pin(async move {
                let keys = ["0", "1", "2"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
                let delete = Delete::builder().set_objects(Some(keys.into())).quiet(true).build().unwrap();
                let deleted = s3(&config).delete_objects().bucket("box").delete(delete).send().await.unwrap();
                let error = |error: &aws_sdk_s3::types::Error| {
                    (error.key().unwrap().to_owned(), error.code().unwrap().to_owned(), false)
                };
                deleted.errors().iter().map(error).collect()
            })
        },
        |cloud| cloud.bucket("box").keys(),
    ),
];

#[tokio::test]
async fn one_entry_of_a_batch_fails_and_is_not_done_while_the_others_are() {
    let run = async |plan: &lambda_testkit::Plan, act: Ask<Failed>, entrance: Entrance| {
        let cloud = planned(plan);
        for id in ["0", "1", "2"] {
            cloud.queue("line").send(id);
            cloud.bucket("box").put(id, "");
        }
        let failed = act(entrance(&cloud)).await;
        assert_met(&cloud, plan);
        (cloud, failed)
    };
    for (label, act, left) in BATCHES {
        for (name, entrance) in ENTRANCES {
            let (ordinary, failed) = run(&lambda_testkit::Plan::new(), act, entrance).await;
            assert_eq!(failed, [], "{label} {name}");
            let all = left(&ordinary);
            let course = ordinary.course();
            for (deviation, id) in [(Deviation::FirstFails, 0), (Deviation::LastFails, 2)] {
                let point = point(&course, label, &deviation);
                let (cloud, failed) = run(&point.deviate(&deviation), act, entrance).await;
                let internal = "InternalError".to_owned();
                assert_eq!(failed, [(id.to_string(), internal, false)], "{label} {name}: {deviation}");
                let mut expected = all.clone();
                match label {
                    "sqs.DeleteMessageBatch line" | "s3.DeleteObjects box" => expected.push(id.to_string()),
                    _ => drop(expected.remove(id)),
                }
                assert_eq!(left(&cloud), expected, "{label} {name}: {deviation}");
                assert!(cloud.timeline().to_string().contains("entry fails)"), "{}", cloud.timeline());
                cloud.discard();
            }
        }
    }
}

#[tokio::test]
async fn of_a_batch_of_one_entry_the_first_is_all_and_a_refused_batch_has_none() {
    let cloud = Cloud::start();
    cloud.queue("line");
    let sqs = sqs(&cloud.sdk_config());
    let entry = |id| SendMessageBatchRequestEntry::builder().id(id).message_body("x").build().unwrap();
    sqs.send_message_batch().queue_url(URL).entries(entry("a")).send().await.unwrap();
    sqs.send_message_batch().queue_url(URL).entries(entry("a")).entries(entry("a")).send().await.unwrap_err();
    let course = cloud.course();
    let extents: Vec<_> = course.points().iter().filter(|point| point.kind == PointKind::Extent).collect();
    assert_eq!(extents.len(), 1, "{course}");
    assert_eq!(extents[0].alternatives, [Deviation::FirstFails]);
}

#[tokio::test]
async fn a_receive_answers_one_message_of_several() {
    let by_client = |entrance: Entrance| {
        move |cloud: &Cloud| {
            let config = entrance(cloud);
            Box::pin(async move { (handles(&config).await.len(), handles(&config).await.len()) }) as Asked<_>
        }
    };
    let by_handle = |cloud: &Cloud| {
        let line = cloud.queue("line");
        Box::pin(async move { (line.receive(10).len(), line.receive(10).len()) }) as Asked<_>
    };
    type Receive = Box<dyn Fn(&Cloud) -> Asked<(usize, usize)>>;
    let ways: [Receive; 3] =
        [Box::new(by_client(ENTRANCES[0].1)), Box::new(by_client(ENTRANCES[1].1)), Box::new(by_handle)];
    for receive in ways {
        let run = async |plan: &lambda_testkit::Plan| {
            let cloud = planned(plan);
            let _ = ["a", "b", "c"].map(|body| cloud.queue("line").send(body));
            let received = receive(&cloud).await;
            assert_met(&cloud, plan);
            (cloud, received)
        };
        let (ordinary, received) = run(&lambda_testkit::Plan::new()).await;
        assert_eq!(received, (3, 0));
        let course = ordinary.course();
        let plan = point(&course, "sqs.ReceiveMessage line", &Deviation::One).deviate(&Deviation::One);
        let (cloud, received) = run(&plan).await;
        assert_eq!(received, (1, 2), "{}", cloud.timeline());
        assert!(cloud.timeline().to_string().contains("one message of several"), "{}", cloud.timeline());
    }
}
