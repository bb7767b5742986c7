/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of real devices, each with what it says: every fact is written out,
 * so that a reader can check it against the capture. */
#include "dwtest.h"

#include "onvif.h"

typedef struct
{
  const gchar *file; /* in the shared onvif/samples */
  DwStatus status;
  const gchar *says; /* the whole summary, or the error's words */
} Sample;

/* clang-format off */
static const Sample samples[] = {
  { "axis_p3818-pve/capture_001_GetDeviceInformation_response.xml", DW_OK,
    "answer=GetDeviceInformationResponse\n"
    "manufacturer=AXIS\n"
    "model=P3818-PVE\n"
    "firmware=11.9.60\n"
    "serial=B8A44FA04F26\n"
    "hardware=7DB\n" },
  { "axis_p3818-pve/capture_002_GetSystemDateAndTime_response.xml", DW_OK,
    "answer=GetSystemDateAndTimeResponse\n"
    "time=2026-01-13T18:40:31.000Z\n" },
  { "axis_p3818-pve/capture_003_GetCapabilities_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.2.82/onvif/device_service\n"
    "media xaddr=http://192.168.2.82/onvif/services\n"
    "events xaddr=http://192.168.2.82/onvif/services\n" },
  { "axis_p3818-pve/capture_004_GetCapabilities_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.2.82/onvif/device_service\n"
    "media xaddr=http://192.168.2.82/onvif/services\n"
    "events xaddr=http://192.168.2.82/onvif/services\n" },
  { "axis_p3818-pve/capture_005_GetProfiles_response.xml", DW_OK,
    "answer=GetProfilesResponse\n"
    "profile token=profile_1_h264 name=profile_1 h264 1920x960 H264 rate=30 audio=\n"
    "profile token=profile_1_jpeg name=profile_1 jpeg 5120x2560 JPEG rate=30 audio=\n" },
  { "axis_p3818-pve/capture_006_GetStreamUri_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.2.82/onvif-media/media.amp?profile=profile_1_h264&sessiontimeout=60&streamtype=unicast\n" },
  { "axis_p3818-pve/capture_007_GetStreamUri_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.2.82/onvif-media/media.amp?profile=profile_1_jpeg&sessiontimeout=60&streamtype=unicast\n" },
  { "axis_p3818-pve/capture_008_GetSnapshotUri_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.2.82/onvif-cgi/jpg/image.cgi?resolution=1920x960&compression=30\n" },
  { "axis_p3818-pve/capture_009_GetSnapshotUri_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.2.82/onvif-cgi/jpg/image.cgi?resolution=5120x2560&compression=30\n" },
  { "axis_p3818-pve/capture_010_GetVideoEncoderConfiguration_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 1920x960 H264 rate=30\n" },
  { "axis_p3818-pve/capture_011_GetVideoEncoderConfiguration_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 5120x2560 JPEG rate=30\n" },
  { "axis_p3818-pve/capture_012_GetImagingSettings_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetImagingSettingsResponse" },
  { "bosch_flexidome_indoor/capture_001_response.xml", DW_OK,
    "answer=GetDeviceInformationResponse\n"
    "manufacturer=Bosch\n"
    "model=FLEXIDOME indoor 5100i IR\n"
    "firmware=8.71.0066\n"
    "serial=404754734001050102\n"
    "hardware=F000B543\n" },
  { "bosch_flexidome_indoor/capture_002_response.xml", DW_OK,
    "answer=GetSystemDateAndTimeResponse\n"
    "time=2023-05-24T21:25:05.000Z\n" },
  { "bosch_flexidome_indoor/capture_003_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.1.201/onvif/device_service\n"
    "media xaddr=http://192.168.1.201/onvif/media_service\n"
    "events xaddr=http://192.168.1.201/onvif/event_service\n" },
  { "bosch_flexidome_indoor/capture_004_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.1.201/onvif/device_service\n"
    "media xaddr=http://192.168.1.201/onvif/media_service\n"
    "events xaddr=http://192.168.1.201/onvif/event_service\n" },
  { "bosch_flexidome_indoor/capture_005_response.xml", DW_OK,
    "answer=GetProfilesResponse\n"
    "profile token=0 name=Profile_L1S1 1920x1080 H264 rate=30 audio=\n"
    "profile token=1 name=Profile_L1S2 1536x864 H264 rate=30 audio=\n"
    "profile token=2 name=Profile_L1S3 1280x720 H264 rate=30 audio=\n"
    "profile token=3 name=Profile_L1S4 512x288 H264 rate=30 audio=\n" },
  { "bosch_flexidome_indoor/capture_006_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.201/rtsp_tunnel?p=0&line=1&inst=1&vcd=2\n" },
  { "bosch_flexidome_indoor/capture_007_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.201/rtsp_tunnel?p=1&line=1&inst=2&vcd=2\n" },
  { "bosch_flexidome_indoor/capture_008_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.201/rtsp_tunnel?p=2&line=1&inst=3&vcd=2\n" },
  { "bosch_flexidome_indoor/capture_009_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.201/rtsp_tunnel?p=3&line=1&inst=4&vcd=2\n" },
  { "bosch_flexidome_indoor/capture_010_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.201/snap.jpg?JpegCam=1\n" },
  { "bosch_flexidome_indoor/capture_011_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.201/snap.jpg?JpegCam=1\n" },
  { "bosch_flexidome_indoor/capture_012_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.201/snap.jpg?JpegCam=1\n" },
  { "bosch_flexidome_indoor/capture_013_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.201/snap.jpg?JpegCam=1\n" },
  { "bosch_flexidome_indoor/capture_014_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 1920x1080 H264 rate=30\n" },
  { "bosch_flexidome_indoor/capture_015_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 1536x864 H264 rate=30\n" },
  { "bosch_flexidome_indoor/capture_016_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 1280x720 H264 rate=30\n" },
  { "bosch_flexidome_indoor/capture_017_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 512x288 H264 rate=30\n" },
  { "bosch_flexidome_indoor/capture_018_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetImagingSettingsResponse" },
  { "events-hikvision_compatible_20260219/001_CreatePullPointSubscriptionRequest_200_response.xml", DW_OK,
    "answer=CreatePullPointSubscriptionResponse\n"
    "subscription=http://1.1.1.1/onvif/Subscription?Idx=5\n"
    "termination=2026-02-19T08:59:52Z\n" },
  { "events-hikvision_compatible_20260219/002_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=motion active=0 initial=1 topic=tns1:RuleEngine/CellMotionDetector/Motion source=00000 value=false\n"
    "event kind=motion active=0 initial=1 topic=tns1:VideoSource/MotionAlarm source=00000 value=false\n" },
  { "events-hikvision_compatible_20260219/003_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=other active=0 initial=1 topic=tns1:VideoSource/GlobalSceneChange/AnalyticsService source=00000 value=false\n"
    "event kind=input active=0 initial=1 topic=tns1:Device/Trigger/DigitalInput source=00000 value=false\n"
    "event kind=input active=0 initial=1 topic=tns1:Device/Trigger/DigitalInput source=00100 value=false\n"
    "event kind=other active=0 initial=1 topic=tns1:Device/Trigger/Relay source=00000 value=inactive\n"
    "event kind=other active=0 initial=1 topic=tns1:Monitoring/ProcessorUsage source=000 value=0.860000\n" },
  { "events-hikvision_compatible_20260219/004_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=other active=0 initial=1 topic=tns1:Monitoring/OperatingTime/LastReboot source= value=2026-02-19T04:49:04Z\n"
    "event kind=other active=0 initial=1 topic=tns1:Monitoring/OperatingTime/LastReset source= value=1970-01-01T00:00:00Z\n"
    "event kind=other active=0 initial=1 topic=tns1:Monitoring/OperatingTime/LastClockSynchronization source= value=1970-01-01T00:00:00Z\n" },
  { "events-hikvision_compatible_20260219/005_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n" },
  { "events-hikvision_compatible_20260219/006_RenewRequest_200_response.xml", DW_OK,
    "answer=RenewResponse\n"
    "termination=2026-02-19T09:01:26Z\n" },
  { "events-hikvision_compatible_20260219/007_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=field active=1 initial=0 topic=tns1:RuleEngine/FieldDetector/ObjectsInside source=00000 value=true\n" },
  { "events-hikvision_compatible_20260219/008_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=field active=0 initial=0 topic=tns1:RuleEngine/FieldDetector/ObjectsInside source=00000 value=false\n" },
  { "events-hikvision_compatible_20260219/009_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=field active=1 initial=0 topic=tns1:RuleEngine/FieldDetector/ObjectsInside source=00000 value=true\n" },
  { "events-hikvision_compatible_20260219/010_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=field active=0 initial=0 topic=tns1:RuleEngine/FieldDetector/ObjectsInside source=00000 value=false\n" },
  { "events-hikvision_compatible_20260219/011_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=other active=0 initial=0 topic=tns1:Monitoring/OperatingTime/LastClockSynchronization source= value=2026-02-19T09:07:34Z\n" },
  { "events-html_404_camera_20260321/001_CreatePullPointSubscriptionRequest_200_response.xml", DW_ERROR_PROTOCOL,
    "the answer is a web page, not ONVIF" },
  { "events-reolink_bullet/001_GetServicesRequest_200_response.xml", DW_OK,
    "answer=GetServicesResponse\n"
    "service http://www.onvif.org/ver10/device/wsdl xaddr=http://192.168.1.200:8000/onvif/device_service\n"
    "service http://www.onvif.org/ver20/analytics/wsdl xaddr=http://192.168.1.200:8000/onvif/analytics_service\n"
    "service http://www.onvif.org/ver20/imaging/wsdl xaddr=http://192.168.1.200:8000/onvif/imaging_service\n"
    "service http://www.onvif.org/ver10/deviceIO/wsdl xaddr=http://192.168.1.200:8000/onvif/deviceIO_service\n"
    "service http://www.onvif.org/ver10/media/wsdl xaddr=http://192.168.1.200:8000/onvif/media_service\n"
    "service http://www.onvif.org/ver20/media/wsdl xaddr=http://192.168.1.200:8000/onvif/Media2\n"
    "service http://www.onvif.org/ver10/events/wsdl xaddr=http://192.168.1.200:8000/onvif/event_service\n" },
  { "events-reolink_bullet/002_CreatePullPointSubscriptionRequest_200_response.xml", DW_OK,
    "answer=CreatePullPointSubscriptionResponse\n"
    "subscription=http://192.168.1.200:8000/onvif/PullSubManager?Idx=90264311\n"
    "termination=2026-04-08T14:37:49Z\n" },
  { "events-reolink_bullet/003_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=motion active=0 initial=1 topic=tns1:RuleEngine/CellMotionDetector/Motion source=000 value=false\n"
    "event kind=face active=0 initial=1 topic=tns1:RuleEngine/MyRuleDetector/FaceDetect source=000 value=false\n"
    "event kind=person active=0 initial=1 topic=tns1:RuleEngine/MyRuleDetector/PeopleDetect source=000 value=false\n"
    "event kind=vehicle active=0 initial=1 topic=tns1:RuleEngine/MyRuleDetector/VehicleDetect source=000 value=false\n"
    "event kind=animal active=0 initial=1 topic=tns1:RuleEngine/MyRuleDetector/DogCatDetect source=000 value=false\n"
    "event kind=motion active=0 initial=1 topic=tns1:VideoSource/MotionAlarm source=000 value=false\n" },
  { "events-reolink_bullet/004_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=person active=1 initial=0 topic=tns1:RuleEngine/MyRuleDetector/PeopleDetect source=000 value=true\n" },
  { "events-reolink_bullet/005_PullMessagesRequest_200_response.xml", DW_OK,
    "answer=PullMessagesResponse\n"
    "event kind=person active=0 initial=0 topic=tns1:RuleEngine/MyRuleDetector/PeopleDetect source=000 value=false\n" },
  { "go2rtc/01_Dahua_stream_default.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.123:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif\n" },
  { "go2rtc/02_Dahua_snapshot_default.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.123/onvifsnapshot/media_service/snapshot?channel=1&subtype=1\n" },
  { "go2rtc/03_Dahua_stream_formatted.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.123:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif\n" },
  { "go2rtc/04_Dahua_snapshot_formatted.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.1.123/onvifsnapshot/media_service/snapshot?channel=1&subtype=1\n" },
  { "go2rtc/05_Unknown.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.5.53:8090/profile1=r\n" },
  { "go2rtc/06_go2rtc_1_9_4.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.123:8554/rtsp-dahua1\n" },
  { "go2rtc/07_go2rtc_1_9_8.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.1.123:8554/rtsp-dahua2\n" },
  { "go2rtc/08_Dahua_default.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.1.123/onvif/device_service\n"
    "media xaddr=http://192.168.1.123/onvif/media_service\n"
    "events xaddr=http://192.168.1.123/onvif/event_service\n" },
  { "go2rtc/09_Dahua_formatted.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.1.123/onvif/device_service\n"
    "media xaddr=http://192.168.1.123/onvif/media_service\n"
    "events xaddr=http://192.168.1.123/onvif/event_service\n" },
  { "reolink_e1_zoom/capture_001_GetDeviceInformation_response.xml", DW_OK,
    "answer=GetDeviceInformationResponse\n"
    "manufacturer=REOLINK\n"
    "model=E1 Zoom\n"
    "firmware=v3.1.0.2649_23083101\n"
    "serial=192168261\n"
    "hardware=IPC\n" },
  { "reolink_e1_zoom/capture_002_GetSystemDateAndTime_response.xml", DW_OK,
    "answer=GetSystemDateAndTimeResponse\n"
    "time=2026-01-13T18:40:13.000Z\n" },
  { "reolink_e1_zoom/capture_003_GetCapabilities_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.2.61:8000/onvif/device_service\n"
    "media xaddr=http://192.168.2.61:8000/onvif/media_service\n"
    "events xaddr=http://192.168.2.61:8000/onvif/event_service\n" },
  { "reolink_e1_zoom/capture_004_GetCapabilities_response.xml", DW_OK,
    "answer=GetCapabilitiesResponse\n"
    "device xaddr=http://192.168.2.61:8000/onvif/device_service\n"
    "media xaddr=http://192.168.2.61:8000/onvif/media_service\n"
    "events xaddr=http://192.168.2.61:8000/onvif/event_service\n" },
  { "reolink_e1_zoom/capture_005_GetProfiles_response.xml", DW_OK,
    "answer=GetProfilesResponse\n"
    "profile token=000 name=Profile000_MainStream 2048x1536 H264 rate=15 audio=AAC\n"
    "profile token=001 name=Profile001_SubStream 640x480 H264 rate=15 audio=AAC\n" },
  { "reolink_e1_zoom/capture_006_GetStreamUri_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.2.61:554/\n" },
  { "reolink_e1_zoom/capture_007_GetStreamUri_response.xml", DW_OK,
    "answer=GetStreamUriResponse\n"
    "uri=rtsp://192.168.2.61:554/h264Preview_01_sub\n" },
  { "reolink_e1_zoom/capture_008_GetSnapshotUri_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.2.61:80/cgi-bin/api.cgi?cmd=onvifSnapPic&channel=0\n" },
  { "reolink_e1_zoom/capture_009_GetSnapshotUri_response.xml", DW_OK,
    "answer=GetSnapshotUriResponse\n"
    "uri=http://192.168.2.61:80/cgi-bin/api.cgi?cmd=onvifSnapPic&channel=0\n" },
  { "reolink_e1_zoom/capture_010_GetVideoEncoderConfiguration_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 2048x1536 H264 rate=15\n" },
  { "reolink_e1_zoom/capture_011_GetVideoEncoderConfiguration_response.xml", DW_OK,
    "answer=GetVideoEncoderConfigurationResponse\n"
    "encoder 640x480 H264 rate=15\n" },
  { "reolink_e1_zoom/capture_012_GetImagingSettings_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetImagingSettingsResponse" },
  { "reolink_e1_zoom/capture_013_GetStatus_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetStatusResponse" },
  { "reolink_e1_zoom/capture_014_GetStatus_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetStatusResponse" },
  { "reolink_e1_zoom/capture_015_GetPresets_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetPresetsResponse" },
  { "reolink_e1_zoom/capture_016_GetPresets_response.xml", DW_ERROR_UNSUPPORTED,
    "nothing here reads the answer GetPresetsResponse" },
};
/* clang-format on */

GST_START_TEST (capture_says_what_the_device_said)
{
  const Sample *sample = &samples[__i__];
  gchar *name = g_build_filename ("onvif", "samples", sample->file, NULL);
  gchar *path = dw_test_shared (name);
  gchar summary[8192], *xml;
  DwError error = { 0 };
  gsize size;

  g_free (name);
  if (path == NULL)
    return;
  ck_assert (g_file_get_contents (path, &xml, &size, NULL));
  ck_assert_int_eq (
      dw_onvif_parse_answer (xml, size, summary, sizeof summary, &error),
      sample->status);
  ck_assert_str_eq (sample->status == DW_OK ? summary : error.text,
                    sample->says);
  g_free (xml);
  g_free (path);
}
GST_END_TEST;

GST_START_TEST (every_capture_is_in_the_table)
{
  gchar *folder = dw_test_shared ("onvif/samples");
  GDir *devices = folder ? g_dir_open (folder, 0, NULL) : NULL;
  const gchar *device, *file;
  guint n_files = 0;

  while (devices && (device = g_dir_read_name (devices)))
    {
      gchar *path = g_build_filename (folder, device, NULL);
      GDir *files = g_dir_open (path, 0, NULL);

      while (files && (file = g_dir_read_name (files)))
        n_files += g_str_has_suffix (file, ".xml");
      g_clear_pointer (&files, g_dir_close);
      g_free (path);
    }
  if (devices)
    ck_assert_uint_eq (n_files, G_N_ELEMENTS (samples));
  g_clear_pointer (&devices, g_dir_close);
  g_free (folder);
}
GST_END_TEST;

GST_START_TEST (summary_that_is_too_small_is_cut_at_a_line)
{
  static const gchar xml[]
      = "<s:Envelope><s:Body><tds:GetDeviceInformationResponse>"
        "<tds:Manufacturer>Maker</tds:Manufacturer><tds:Model>Model"
        "</tds:Model></tds:GetDeviceInformationResponse></s:Body></s:Envelope>";
  gchar summary[64] = "";
  DwError error = { 0 };

  ck_assert_int_eq (
      dw_onvif_parse_answer (xml, sizeof xml - 1, summary, 60, &error), DW_OK);
  ck_assert_str_eq (
      summary, "answer=GetDeviceInformationResponse\nmanufacturer=Maker\n");
  ck_assert_int_eq (
      dw_onvif_parse_answer (xml, sizeof xml - 1, summary, 1, &error), DW_OK);
  ck_assert_str_eq (summary, "");
}
GST_END_TEST;

static Suite *
samples_suite (void)
{
  Suite *suite = suite_create ("samples");
  TCase *cases = tcase_create ("samples");

  suite_add_tcase (suite, cases);
  tcase_add_loop_test (cases, capture_says_what_the_device_said, 0,
                       G_N_ELEMENTS (samples));
  tcase_add_test (cases, every_capture_is_in_the_table);
  tcase_add_test (cases, summary_that_is_too_small_is_cut_at_a_line);
  return suite;
}

int
main (int argc, char **argv)
{
  gchar *folder = dw_test_shared ("onvif/samples");

  if (folder == NULL)
    return DW_TEST_SKIPPED;
  g_free (folder);
  gst_check_init (&argc, &argv);
  return gst_check_run_suite (samples_suite (), "samples", __FILE__);
}
